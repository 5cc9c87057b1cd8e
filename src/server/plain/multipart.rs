//! A form with photos, as browsers write it (RFC 7578), out of one piece of memory: nothing is copied.

use std::ops::Range;

use memchr::memmem;

/// Room for a part's head; browsers write a name, a file's name and a type.
const MOST_HEAD: usize = 4096;
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

/// The parts that are there whole, in order: of a body that was cut those before the cut.
pub(super) fn parts<'b>(body: &'b [u8], boundary: &str) -> impl Iterator<Item = Part<'b>> {
    let delimiter = format!("\r\n--{boundary}");
    let first = body.starts_with(&delimiter.as_bytes()[2..]);
    let mut next = first.then_some(delimiter.len() - 2);
    std::iter::from_fn(move || {
        let from = next?;
        let inside = body.get(from..)?.strip_prefix(b"\r\n")?;
        let from = from + 2;
        let length = memmem::find(inside, delimiter.as_bytes())?;
        next = Some(from + length + delimiter.len());
        part(body, from..from + length)
    })
}

/// Whether a body has the end that a form has: a part that was cut is not silently left out.
pub(super) fn is_closed(body: &[u8], boundary: &str) -> bool {
    let body = body.strip_suffix(b"\r\n").unwrap_or(body);
    body.ends_with(format!("--{boundary}--").as_bytes())
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
        let parts = parts(body, "b");
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
        assert!(is_closed(BODY.as_bytes(), "b") && !is_closed(&BODY.as_bytes()[..cut], "b"));
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
            for part in parts(&body, "b") {
                prop_assert!(part.at.start <= part.at.end && part.at.end <= body.len());
            }
        }
    }
}
