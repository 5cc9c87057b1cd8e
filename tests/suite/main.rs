//! Stories by actors against the real router and a real database, on SQLite and, where
//! `SHUDONG_TEST_POSTGRES` names a server, on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that cannot go on has failed"
)]

mod city;
mod house;
mod intake;
mod process;
mod routes;
