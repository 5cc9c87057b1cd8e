//! Stories by actors against the real router and a real database, on SQLite and, where
//! `SHUDONG_TEST_POSTGRES` names a server, on PostgreSQL.

mod city;
mod house;
mod intake;
mod routes;
