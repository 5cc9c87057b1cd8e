//! Who will hold a letter.

use crate::keys_document::{Colleague, Verified};

/// The school's chair.
pub const CHAIR: u8 = 1;
/// Fewer than these are not left alone with a letter.
const FEWEST: usize = 3;
const SCHOOL: u8 = 2;

/// Those to whom a letter's key is wrapped.
#[derive(Clone, Debug)]
pub struct Holders {
    /// Place of their organisation among the document's levels.
    pub position: usize,
    /// Single members; `None` for everybody who opens with the organisation's key.
    pub members: Option<Vec<Colleague>>,
}

/// Who holds a letter that leaves out `roles`, or that goes `past` the school; `None` if nobody can
/// read it. Fewer than three, or a school without its chair whose members no bureau confirmed, do
/// not hold one: the chair signs epochs and could otherwise invent a colleague.
pub fn holders(keys: &Verified, roles: &[u8], past: bool) -> Option<Holders> {
    let position = keys.holder()?;
    let whole = Holders {
        position,
        members: None,
    };
    if keys.levels[position].identity.level != SCHOOL {
        return Some(whole);
    }
    if past {
        return above(keys, position);
    }
    let out = |one: &&Colleague| roles.contains(&one.statement.role);
    let rest: Vec<Colleague> = keys
        .members
        .iter()
        .filter(|one| !out(one))
        .cloned()
        .collect();
    if rest.len() == keys.members.len() {
        return Some(whole);
    }
    let chair_out = keys
        .members
        .iter()
        .filter(out)
        .any(|one| one.statement.role == CHAIR);
    if rest.len() >= FEWEST && (!chair_out || keys.roster_valid) {
        return Some(Holders {
            position,
            members: Some(rest),
        });
    }
    above(keys, position)
}

/// The nearest level above that can open letters.
fn above(keys: &Verified, position: usize) -> Option<Holders> {
    let working = |level: usize| keys.levels[level].working.is_some();
    (0..position)
        .rev()
        .find(|level| working(*level))
        .map(|position| Holders {
            position,
            members: None,
        })
}
