//! Shudong: an anonymous student help-line and tip-reporting service.
//!
//! A tip is sealed on the reporter's phone, rests in [`tips`], becomes one of an organisation's
//! [`cases`] at the next tick and is opened only in the browsers of those it was sealed to. The
//! server stores, orders and delivers; it can read none of it.
//!
//! Modules import leftwards only: kernel ← audit ← directory ← members ← cases ← tips ← {jobs,
//! server, cli}. The kernel is `clock`, `ids`, `config`, `telemetry`, `keyring`, `storage`; `app`
//! holds the parts together.

pub mod app;
pub mod audit;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod files;
pub mod ids;
pub mod jobs;
pub mod keyring;
pub mod members;
pub mod server;
pub mod storage;
pub mod telemetry;
pub mod tips;
