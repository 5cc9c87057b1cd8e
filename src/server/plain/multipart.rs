//! A form with photos, as browsers write it (RFC 7578), out of one piece of memory: nothing is copied.

use std::ops::Range;

use memchr::memmem;

/// Room for a part's head; browsers write a name, a file's name and a type.
const MOST_HEAD: usize = 4096;
/// Fields of one form; our pages have fewer than a hundred.
const MOST_PARTS: usize = 512;
const NAME: &[u8] = b"; name=\"";
/// What follows the name of a file's field.
const FILE: &[u8] = b"\"; filename=\"";

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'b> {
    pub(super) name: &'b [u8],
    pub(super) kind: Kind,
    /// Where its bytes stand.
    pub(super) at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Words,
    /// A file's field for which none was chosen.
    NoFile,
    /// A file. Its own name is looked at by nobody.
    File,
}

/// The boundary that a media type names, if it is such a form's.
pub(super) fn boundary(media: &str) -> Option<&str> {
    let (kind, parameters) = media.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';').map(str::trim);
    let boundary = parameters.find_map(|one| one.strip_prefix("boundary="))?;
    let boundary = boundary.trim_matches('"');
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// The parts that are there whole, in order, and whether the form ends after them: of a body that was
/// cut, or has a part that cannot be read, those before it, and no end.
pub(super) fn parts<'b>(body: &'b [u8], boundary: &str) -> (Vec<Part<'b>>, bool) {
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    if !body.starts_with(&delimiter.as_bytes()[2..]) {
        return (parts, false);
    }
    let mut from = delimiter.len() - 2;
    while let Some(inside) = body[from..].strip_prefix(b"\r\n") {
        let length = memmem::find(inside, delimiter.as_bytes());
        let found = length.and_then(|length| part(body, from + 2..from + 2 + length));
        match found {
            Some(part) if parts.len() < MOST_PARTS => {
                from = part.at.end + delimiter.len();
                parts.push(part);
            }
            _ => return (parts, false),
        }
    }
    (parts, body[from..].starts_with(b"--"))
}

fn part(body: &[u8], at: Range<usize>) -> Option<Part<'_>> {
    let whole = &body[at.clone()];
    let head = memmem::find(&whole[..whole.len().min(MOST_HEAD)], b"\r\n\r\n")?;
    // The name comes first: whatever a file calls itself stands behind it.
    let from = memmem::find(&whole[..head], NAME)? + NAME.len();
    let name = &whole[from..head];
    let name = &name[..memmem::find(name, b"\"")?];
    let rest = &whole[from + name.len()..head];
    let kind = match rest.strip_prefix(FILE) {
        None => Kind::Words,
        Some([b'"', ..]) => Kind::NoFile,
        Some(_) => Kind::File,
    };
    let at = at.start + head + 4..at.end;
    Some(Part { name, kind, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\none\r\n--two\r\n\
        --b\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n\
        --b\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"x; name=\"y\".jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\n\u{1}\r\n\r\n--b--\r\n";

    fn said(body: &[u8]) -> Vec<(&[u8], Kind, &[u8])> {
        let (parts, _) = parts(body, "b");
        let parts = parts.into_iter();
        parts
            .map(|part| (part.name, part.kind, &body[part.at]))
            .collect()
    }

    #[test]
    fn words_and_files_come_out_as_they_went_in() {
        let whole = [
            (&b"text"[..], Kind::Words, &b"one\r\n--two"[..]),
            (b"none", Kind::NoFile, b""),
            (b"photo", Kind::File, b"\x01\r\n"),
        ];
        assert_eq!(said(BODY.as_bytes()), whole);
        let cut = BODY.len() - 8;
        assert_eq!(said(&BODY.as_bytes()[..cut]), whole[..2], "cut short");
        let is_closed = |body: &str| parts(body.as_bytes(), "b").1;
        assert!(is_closed(BODY) && !is_closed(&BODY[..cut]));
        let unnamed = BODY.replacen("; name", "; title", 1);
        assert!(
            !is_closed(&unnamed),
            "a field without a name is not left out"
        );
        assert_eq!(said(b"--c\r\n"), []);
    }

    #[test]
    fn a_boundary_is_read_as_browsers_write_it() {
        for (media, found) in [
            (
                "multipart/form-data; boundary=----geckoform7",
                Some("----geckoform7"),
            ),
            (
                "Multipart/Form-Data;charset=utf-8; boundary=\"a b\"",
                Some("a b"),
            ),
            ("multipart/mixed; boundary=x", None),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
        ] {
            assert_eq!(boundary(media), found, "{media}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_parts_or_none(mut body: Vec<u8>, at in 0usize..400, cut in 0usize..400) {
            let at = at.min(body.len());
            body.splice(at..at, BODY.bytes());
            body.truncate(cut);
            for part in parts(&body, "b").0 {
                prop_assert!(part.at.start <= part.at.end && part.at.end <= body.len());
            }
        }
    }
}
