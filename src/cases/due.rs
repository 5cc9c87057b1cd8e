//! What is due in a case, and by when. Limits are settings; their sources stand in
//! `deploy/shudong.example.toml`.

use super::stage;
use crate::clock::Day;

/// The next thing that has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Somebody must look.
    Acknowledge,
    /// The investigation must end.
    Investigate,
}

impl Duty {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Investigate => "investigate",
        }
    }

    /// The code of the exchange's status.
    pub fn code(self) -> u8 {
        match self {
            Self::Acknowledge => 1,
            Self::Investigate => 2,
        }
    }
}

/// Limits in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From delivery to the first look.
    pub acknowledge: u32,
    /// From the start of the procedure (the first look) to the end of the investigation.
    pub investigate: u32,
}

impl Limits {
    /// The present duty and its last day.
    pub fn due(&self, stage: u8, seen: Day, opened: Option<Day>) -> Option<(Duty, Day)> {
        match stage {
            stage::DELIVERED => Some((Duty::Acknowledge, seen.plus(self.acknowledge))),
            stage::SEEN | stage::INVESTIGATING => Some((
                Duty::Investigate,
                opened.unwrap_or(seen).plus(self.investigate),
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_investigation_is_counted_from_the_first_look() {
        let limits = Limits {
            acknowledge: 1,
            investigate: 10,
        };
        assert_eq!(
            limits.due(0, Day(5), None),
            Some((Duty::Acknowledge, Day(6)))
        );
        assert_eq!(
            limits.due(2, Day(5), Some(Day(7))),
            Some((Duty::Investigate, Day(17)))
        );
        assert_eq!(limits.due(3, Day(5), Some(Day(7))), None);
    }
}
