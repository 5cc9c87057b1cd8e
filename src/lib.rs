//! Shudong: an anonymous student help-line and tip-reporting service.
//!
//! A tip is sealed on the reporter's phone, rests in [`tips`], becomes one of an organisation's
//! [`cases`] at the next tick and is opened only in the browsers of those it was sealed to. The
//! server stores, orders and delivers; it can read none of it. Modules import leftwards only:
//! kernel ← audit ← directory ← members ← cases ← tips ← {jobs, server, cli}.

pub mod clock;
pub mod ids;
pub mod storage;
