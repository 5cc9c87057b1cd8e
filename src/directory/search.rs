//! Finding a school by a part of its name, its pinyin initials, or its district.

use super::{DirectoryError, Kind, Organisation, store};
use crate::storage::Tx;

/// Most answers to one search: more would be a list to scroll, not an answer.
const MOST: usize = 20;
/// Longest useful question, in characters.
const LONGEST: usize = 40;

/// Schools that fit, with the organisation above each.
///
/// # Errors
/// If the database fails.
pub async fn find(tx: &mut Tx, words: &str) -> Result<Vec<(Organisation, String)>, DirectoryError> {
    let wanted: String = words
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(LONGEST)
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let all = store::all(tx).await?;
    let above = |school: &Organisation| {
        let parent = all
            .iter()
            .find(|(other, _)| Some(other.id) == school.parent);
        parent
            .map(|(parent, _)| parent.name.clone())
            .unwrap_or_default()
    };
    let mut found: Vec<(u8, Organisation, String)> = all
        .iter()
        .filter(|(school, _)| school.kind == Kind::School)
        .filter_map(|(school, initials)| {
            let district = above(school);
            let rank = rank(&wanted, &school.name, initials, &district)?;
            Some((rank, school.clone(), district))
        })
        .collect();
    found.sort_by_key(|(rank, ..)| *rank);
    Ok(found
        .into_iter()
        .take(MOST)
        .map(|(_, school, district)| (school, district))
        .collect())
}

/// How well it fits, 0 best; `None` if it does not.
fn rank(wanted: &str, name: &str, initials: &str, district: &str) -> Option<u8> {
    let name = name.to_lowercase();
    [
        name.starts_with(wanted),
        initials.starts_with(wanted),
        name.contains(wanted),
        initials.contains(wanted),
        district.to_lowercase().contains(wanted),
    ]
    .into_iter()
    .zip(0..)
    .find_map(|(fits, rank)| fits.then_some(rank))
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn name_initials_and_district_fit_in_that_order() {
        let fit = |wanted| rank(wanted, "青杨路中学", "qylzx", "青杨区教育局");
        assert_eq!(fit("青杨路"), Some(0));
        assert_eq!(fit("qyl"), Some(1));
        assert_eq!(fit("中学"), Some(2));
        assert_eq!(fit("青杨区"), Some(4));
        assert_eq!(fit("河湾"), None);
    }
}
