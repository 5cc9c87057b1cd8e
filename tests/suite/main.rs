//! Stories by actors against the real router and a real database, on SQLite and, where
//! `SHUDONG_TEST_POSTGRES` names a server, on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that cannot go on has failed"
)]

mod aftermath;
mod at_rest;
mod bad_input;
mod built_once;
mod city;
mod collector;
mod desk;
mod documents;
mod evidence;
mod exchange;
mod file_facts;
mod full_disk;
mod house;
mod intake;
mod left_out;
mod lines;
mod member;
mod order;
mod past;
mod photos;
mod plain;
mod plunder;
mod process;
mod routes;
