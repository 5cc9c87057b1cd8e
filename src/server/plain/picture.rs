//! What a picture's bytes say of it before anything decodes them. Names and stated types may lie.

use image::ImageFormat;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// One of the kinds that are decoded here.
    Picture {
        format: ImageFormat,
        /// More than one frame.
        moves: bool,
        /// False if its end is missing.
        whole: bool,
    },
    /// A picture of another kind, such as HEIC.
    Other,
    /// No picture.
    Nothing,
}

/// Looks at a file.
pub(super) fn look(bytes: &[u8]) -> Look {
    let (format, moves, whole) = match bytes {
        [0xff, 0xd8, 0xff, ..] => (ImageFormat::Jpeg, false, jpeg_is_whole(bytes)),
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [b'G', b'I', b'F', b'8', ..] => gif(bytes),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => webp(bytes),
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [b'I', b'I', b'*', 0, ..]
        | [b'M', b'M', 0, b'*', ..]
        | [b'B', b'M', ..] => return Look::Other,
        _ => return Look::Nothing,
    };
    Look::Picture {
        format,
        moves,
        whole,
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes(pair.try_into().ok()?)))
}

const START_OF_SCAN: u8 = 0xda;
const FIRST_OF_APPLICATIONS: u8 = 0xe0;

/// A JPEG's segments up to its first scan: marker, where it begins and where it ends.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, usize, usize)> {
    let mut next = Some(2);
    std::iter::from_fn(move || {
        let mut at = next?;
        loop {
            match bytes.get(at..at + 2)? {
                // Fill bytes and markers without a length.
                [0xff, 0xff] => at += 1,
                [0xff, 1 | 0xd0..=0xd8] => at += 2,
                [0xff, marker] => {
                    let to = at + 2 + u16_at(bytes, at + 2)?.max(2);
                    next = (*marker != START_OF_SCAN).then_some(to);
                    return Some((*marker, at, to));
                }
                _ => return None,
            }
        }
    })
}

/// Inside a scan 0xff is never followed by 0xd9, save at its end; cameras append more behind it.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let scan = segments(bytes).find(|(marker, ..)| *marker == START_OF_SCAN);
    scan.is_some_and(|(_, from, _)| memchr::memmem::find(&bytes[from..], b"\xff\xd9").is_some())
}

/// A JPEG without its application segments and comments: whatever an encoder wrote of itself, it is
/// gone.
pub(super) fn bare(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..2)?.to_vec();
    for (marker, from, to) in segments(bytes) {
        match marker {
            START_OF_SCAN => kept.extend_from_slice(&bytes[from..]),
            marker if marker < FIRST_OF_APPLICATIONS => {
                kept.extend_from_slice(bytes.get(from..to)?)
            }
            _ => {}
        }
    }
    Some(kept)
}

fn png(bytes: &[u8]) -> (ImageFormat, bool, bool) {
    let (mut at, mut moves) = (8_usize, false);
    while let Some(head) = bytes.get(at..at + 8) {
        match &head[4..] {
            b"IEND" => return (ImageFormat::Png, moves, true),
            b"acTL" => moves = true,
            _ => {}
        }
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        at = at.saturating_add(12 + length as usize);
    }
    (ImageFormat::Png, moves, false)
}

fn gif(bytes: &[u8]) -> (ImageFormat, bool, bool) {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let colours = |flags: u8| match flags & 0x80 {
        0 => 0,
        _ => 6_usize << (flags & 7),
    };
    let (mut at, mut frames) = (13 + colours(byte(10)), 0);
    while let kind @ (0x21 | 0x2c) = byte(at) {
        if kind == 0x2c {
            frames += 1;
            at += 11 + colours(byte(at + 9));
        } else {
            at += 2;
        }
        while byte(at) > 0 {
            at += usize::from(byte(at)) + 1;
        }
        at += 1;
    }
    (ImageFormat::Gif, frames > 1, byte(at) == 0x3b)
}

fn webp(bytes: &[u8]) -> (ImageFormat, bool, bool) {
    let is_extended = bytes.get(12..16) == Some(b"VP8X");
    let moves = is_extended && bytes.get(20).is_some_and(|flags| flags & 2 > 0);
    let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let is_whole = length as usize + 8 <= bytes.len();
    // A decoder may unpack the picture inside before it compares its size with the one that is stated.
    let is_true =
        !is_extended || stated(bytes, 24).is_some_and(|size| holds(&bytes[30..], size, false));
    (ImageFormat::WebP, moves, is_whole && is_true)
}

/// Width and height as a WebP states them: three bytes each, less one.
fn stated(bytes: &[u8], at: usize) -> Option<(u32, u32)> {
    let number = |at: usize| {
        Some(u32::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?, *bytes.get(at + 2)?, 0]) + 1)
    };
    Some((number(at)?, number(at + 3)?))
}

/// Whether the pictures in a WebP's chunks have the size that is stated for them; a frame of a moving
/// one states its own.
fn holds(chunks: &[u8], size: (u32, u32), is_frame: bool) -> bool {
    let (mut at, mut pictures) = (0_usize, 0);
    while let Some(head) = chunks.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let inside = &chunks[at + 8..chunks.len().min((at + 8).saturating_add(length))];
        let is_true = match &head[..4] {
            b"VP8 " => Some(lossy(inside) == Some(size)),
            b"VP8L" => Some(lossless(inside) == Some(size)),
            b"ANMF" if !is_frame => {
                let own = stated(inside, 6).zip(inside.get(16..));
                Some(own.is_some_and(|(size, chunks)| holds(chunks, size, true)))
            }
            _ => None,
        };
        match is_true {
            Some(true) => pictures += 1,
            Some(false) => return false,
            None => {}
        }
        at = (at + 8).saturating_add(length).saturating_add(length % 2);
    }
    pictures > 0
}

/// Size of a VP8 frame (RFC 6386, 9.1).
fn lossy(frame: &[u8]) -> Option<(u32, u32)> {
    let side = |at: usize| {
        Some(u32::from(
            u16::from_le_bytes([*frame.get(at)?, *frame.get(at + 1)?]) & 0x3fff,
        ))
    };
    Some((side(6)?, side(8)?))
}

/// Size of a VP8L picture: fourteen bits each, less one, after the mark 0x2f.
fn lossless(frame: &[u8]) -> Option<(u32, u32)> {
    let bits = u32::from_le_bytes(frame.get(1..5)?.try_into().ok()?);
    Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two frames of one pixel.
    const GIF: &[u8] =
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\xff\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0\
        \x21\xf9\x04\0\x14\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\
        \x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\x3b";

    #[test]
    fn kinds_are_told_by_their_bytes() {
        assert_eq!(look(b"\0\0\0\x18ftypheic...."), Look::Other);
        for other in ["II*\0....", "BM......", "\0\0\0 ftypavif"] {
            assert_eq!(look(other.as_bytes()), Look::Other, "{other}");
        }
        for nothing in ["", "<script>", "GIF", "RIFF....WAVE", "<svg/>"] {
            assert_eq!(look(nothing.as_bytes()), Look::Nothing, "{nothing}");
        }
        let (format, moves) = (ImageFormat::Gif, true);
        let seen = |whole| Look::Picture {
            format,
            moves,
            whole,
        };
        assert_eq!(look(GIF), seen(true));
        assert_eq!(look(&GIF[..GIF.len() - 1]), seen(false));
    }

    #[test]
    fn what_an_encoder_says_of_itself_is_taken_out() {
        let scan = b"\xff\xda\0\x02scan\xff\xd9";
        let table = b"\xff\xdb\0\x04ab";
        let told = [
            b"\xff\xd8\xff\xe1\0\x08Exif..",
            &table[..],
            b"\xff\xfe\0\x04hi",
            scan,
        ]
        .concat();
        assert!(jpeg_is_whole(&told) && !jpeg_is_whole(&told[..told.len() - 1]));
        assert_eq!(
            bare(&told).unwrap(),
            [b"\xff\xd8", &table[..], scan].concat()
        );
    }

    #[test]
    fn a_webp_whose_picture_is_not_as_large_as_it_states_is_no_picture() {
        let chunk = |name: &[u8], inside: &[u8]| {
            let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
            [name, &length, inside].concat()
        };
        let lossy = |side: u16| {
            let side = side.to_le_bytes();
            chunk(b"VP8 ", &[&[0; 6], &side[..], &side].concat())
        };
        let lossless = |side: u32| {
            let bits = (side - 1) | (side - 1) << 14;
            chunk(
                b"VP8L",
                &[&[0x2f], &bits.to_le_bytes()[..], &[0; 1]].concat(),
            )
        };
        let frame = |inside: &[u8]| {
            let states = [&[0; 6][..], &[15, 0, 0, 15, 0, 0], &[0; 4]].concat();
            chunk(b"ANMF", &[&states, inside].concat())
        };
        let file = |inside: &[u8]| {
            let head = chunk(b"VP8X", &[0, 0, 0, 0, 15, 0, 0, 15, 0, 0]);
            [&b"WEBP"[..], &head, inside].concat()
        };
        for (inside, expected) in [
            (lossy(16), true),
            (lossy(16_000), false),
            (lossless(16), true),
            (lossless(16_000), false),
            (frame(&lossy(16)), true),
            (frame(&lossy(16_000)), false),
            (frame(&frame(&lossy(16))), false),
            (Vec::new(), false),
        ] {
            let bytes = chunk(b"RIFF", &file(&inside));
            let Look::Picture { whole, .. } = look(&bytes) else {
                panic!("no picture")
            };
            assert_eq!(whole, expected, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(kind in 0usize..4, bytes: Vec<u8>) {
            let heads = [&b"\xff\xd8\xff"[..], b"\x89PNG", b"GIF8", b"RIFF....WEBP"];
            let bytes = [heads[kind], &bytes].concat();
            look(&bytes);
            bare(&bytes);
        }
    }
}
