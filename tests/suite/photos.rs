//! Photos without script: drawn anew in memory, sent as a page with script would, and told apart by
//! their bytes.

use std::collections::BTreeSet;
use std::io::Cursor;

use axum::body::Body;
use axum::http::{Request, header};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use shudong_envelope::case::CaseKey;
use shudong_envelope::evidence::{self, CHUNK};
use shudong_envelope::kdf::hash;
use shudong_envelope::record::{self, Head, Side};
use shudong_envelope::wrap::{self, Context, Purpose};
use zeroize::Zeroizing;

use crate::at_rest::array;
use crate::bad_input::{allow_commits, refuse_commits};
use crate::city::{City, bytes, on_each_engine};
use crate::member::{from_base64, hex};
use crate::plain::{address, digits, everything, holds};

const WORDS: &str = "canary-words-7719";
const BOUNDARY: &str = "----shudong-boundary-5521";
const NAME: &str = "IMG_canary-name.jpg";

// -- the form -----------------------------------------------------------------------------------

/// A form as a browser writes it: fields, then files, or the empty part of a field without one.
fn form(fields: &[(&str, &str)], photos: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    };
    for (name, value) in fields {
        part(format!("name=\"{name}\""), value.as_bytes());
    }
    let file = |name: &str, media: &str| {
        format!("name=\"photo\"; filename=\"{name}\"\r\nContent-Type: {media}")
    };
    for photo in photos {
        part(file(NAME, "image/jpeg"), photo);
    }
    if photos.is_empty() {
        part(file("", "application/octet-stream"), b"");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

async fn post(city: &City, path: &str, body: Vec<u8>) -> (u16, String) {
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = Request::post(path).header(header::CONTENT_TYPE, media);
    let answer = city.send(request.body(Body::from(body)).unwrap()).await;
    let status = answer.status().as_u16();
    (status, String::from_utf8(bytes(answer).await).unwrap())
}

/// A tip with photos, under the mark of sixty-four such characters.
async fn tell(city: &City, mark: char, photos: &[&[u8]]) -> (u16, String) {
    let once = mark.to_string().repeat(64);
    let fields = [
        ("once", &*once),
        ("who", "victim"),
        ("text", WORDS),
        ("exclude", "chair"),
    ];
    post(city, &address(city), form(&fields, photos)).await
}

// -- pictures -----------------------------------------------------------------------------------

const COLOURS: [[u8; 3]; 4] = [[200, 0, 0], [0, 160, 0], [0, 0, 200], [200, 200, 0]];

/// Four upright bands, so that a turned picture is told from one that is not.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(COLOURS[(x * 4 / width) as usize]))
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A small one that no other test step has.
fn jpeg(shade: u8) -> Vec<u8> {
    encoded(
        &RgbImage::from_pixel(40, 30, Rgb([shade, 90, 40])),
        ImageFormat::Jpeg,
    )
}

const WRITTEN: [&str; 4] = [
    "canary-make.",
    "canary-gps.",
    "canary-xmp.",
    "canary-comment.",
];

/// Exif with the maker, the place and "held upright", XMP and a comment, as cameras write them.
fn as_by_a_camera(jpeg: &[u8]) -> Vec<u8> {
    let [make, gps, xmp, comment] = WRITTEN;
    let entry = |tag: u16, kind: u16, count: usize, value: u32| {
        let head = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [
            &head[..],
            &(count as u32).to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    let (ascii, short, long, undefined) = (2, 3, 4, 7);
    // Two directories, of three entries and one, and what does not fit into an entry behind them.
    let place = 8 + 2 + 3 * 12 + 4;
    let after = place + 2 + 12 + 4;
    let tiff = [
        b"II*\0\x08\0\0\0\x03\0".to_vec(),
        entry(0x010f, ascii, make.len(), after),
        entry(0x0112, short, 1, 6),
        entry(0x8825, long, 1, place),
        b"\0\0\0\0\x01\0".to_vec(),
        entry(0x001b, undefined, gps.len(), after + make.len() as u32),
        b"\0\0\0\0".to_vec(),
        make.as_bytes().to_vec(),
        gps.as_bytes().to_vec(),
    ];
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    };
    let exif = segment(0xe1, &[&b"Exif\0\0"[..], &tiff.concat()].concat());
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{xmp}</x:xmpmeta>");
    let said = [
        exif,
        segment(0xe1, xmp.as_bytes()),
        segment(0xfe, comment.as_bytes()),
    ];
    [&jpeg[..2], &said.concat(), &jpeg[2..]].concat()
}

/// A small PNG whose head states another size, and how many bits of which colours.
fn stating(width: u32, height: u32, (bits, colours): (u8, u8)) -> Vec<u8> {
    let mut png = encoded(&picture(8, 8), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    (png[24], png[25]) = (bits, colours);
    let crc = crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

const RGB: (u8, u8) = (8, 2);
const RGBA16: (u8, u8) = (16, 6);

fn crc(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc));
    !bytes.iter().fold(!0, byte)
}

/// Two pictures of one pixel.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\xff\x21\xf9\x04\0\x14\0\0\0\
    \x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\x3b";

// -- the desk -----------------------------------------------------------------------------------

/// What a member's browser makes of the case's records that name files, and the opened files.
async fn at_the_desk(city: &City) -> Vec<(Value, Vec<u8>)> {
    let member = city.at_desk(&city.school.people[1]).await;
    let (_, inbox) = city
        .desk(Some(&member.session), "GET", "/cases", None)
        .await;
    assert_eq!(inbox["cases"].as_array().unwrap().len(), 1);
    let id = inbox["cases"][0]["id"].as_str().unwrap().replace('-', "");
    let (_, case) = city
        .desk(Some(&member.session), "GET", &format!("/cases/{id}"), None)
        .await;
    let key = case_key(city, &case["summary"]);
    let mut files = Vec::new();
    for record in case["records"].as_array().unwrap() {
        let opened = record::open(&from_base64(&record["bytes"]), &key).unwrap();
        assert_eq!(opened.head.side, Side::Server);
        if opened.head.kind != record::Kind::Files {
            continue;
        }
        let note: Value = serde_json::from_slice(&opened.text).unwrap();
        let place = evidence::Place {
            deployment: opened.head.deployment,
            case: opened.head.case,
            file: from_hex(&note["id"]),
            index: 0,
            count: note["count"].as_u64().unwrap() as u32,
        };
        let mut whole = Vec::new();
        for index in 0..place.count {
            let path = format!("/cases/{id}/files/{}/chunks/{index}", hex(&place.file));
            let chunk = city
                .desk_answer(Some(&member.session), "GET", &path, None)
                .await;
            let chunk = bytes(chunk).await;
            let place = evidence::Place { index, ..place };
            whole.extend_from_slice(
                &evidence::open_chunk(&from_hex(&note["key"]), &place, &chunk).unwrap(),
            );
        }
        assert_eq!(whole.len(), place.count as usize * CHUNK);
        let size = note["size"].as_u64().unwrap() as usize;
        assert!(whole[size..].iter().all(|byte| *byte == 0));
        whole.truncate(size);
        assert_eq!(note["hash"], hex(&hash(&[&whole])));
        files.push((note, whole));
    }
    files
}

/// The case's key, unwrapped with a member's own.
fn case_key(city: &City, summary: &Value) -> CaseKey {
    let head = Head::of(&from_base64(&summary["tip"])).unwrap();
    let commit = array(&from_base64(&summary["commit"]));
    let context = Context {
        purpose: Purpose::Case,
        deployment: head.deployment,
        object: head.case,
        generation: 0,
        usage: 0,
        commit,
    };
    let seed = city.school.people[1].root.kem();
    let key = wrap::open(&from_base64(&summary["wrap"]), &seed, &context).unwrap();
    CaseKey::committed(Zeroizing::new(*key), &commit).unwrap()
}

fn from_hex<const N: usize>(text: &Value) -> [u8; N] {
    let text = text.as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}

/// The colour in the middle of each of four bands, from the top.
fn bands(photo: &RgbImage) -> Vec<usize> {
    let near = |pixel: &Rgb<u8>, colour: &[u8; 3]| {
        let pairs = pixel.0.iter().zip(colour);
        pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap() < 20
    };
    let middles = [1, 3, 5, 7].map(|n| photo.get_pixel(photo.width() / 2, photo.height() * n / 8));
    let colour = |pixel: &Rgb<u8>| COLOURS.iter().position(|one| near(pixel, one)).unwrap();
    middles.into_iter().map(colour).collect()
}

fn decoded(bytes: &[u8]) -> RgbImage {
    let format = ImageFormat::Jpeg;
    image::load_from_memory_with_format(bytes, format)
        .unwrap()
        .into_rgb8()
}

async fn counts(city: &City) -> (i64, i64, i64) {
    let mut past = city.past().await;
    (
        past.count("SELECT count(*) FROM cases").await,
        past.count("SELECT count(*) FROM intake").await,
        past.count("SELECT count(*) FROM resting_chunks").await,
    )
}

// -- stories ------------------------------------------------------------------------------------

#[tokio::test]
async fn a_photo_reaches_the_desk_upright_and_without_what_its_camera_wrote() {
    on_each_engine(async |city: City| {
        let photo = as_by_a_camera(&encoded(&picture(3200, 2400), ImageFormat::Jpeg));
        for word in WRITTEN {
            assert!(holds(&photo, word.as_bytes()), "the control: {word}");
        }
        let (status, page) = tell(&city, 'a', &[&photo]).await;
        assert!(status == 200 && !page.contains("data-testid=\"missing\""));
        assert_eq!(
            counts(&city).await.1,
            2,
            "the letter, and what names the photo"
        );
        city.tick().await;
        let files = at_the_desk(&city).await;
        let [(note, file)] = &files[..] else {
            panic!("one file")
        };
        let said: BTreeSet<&str> = note
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let as_by_a_page = [
            "v", "day", "id", "key", "name", "type", "size", "count", "hash",
        ];
        assert_eq!(said, as_by_a_page.into());
        assert_eq!(
            (&note["name"], &note["type"]),
            (&"photo.jpg".into(), &"image/jpeg".into())
        );
        for word in WRITTEN.iter().chain(&["Exif", "JFIF", "canary-name"]) {
            assert!(!holds(file, word.as_bytes()), "{word}");
        }
        let drawn = decoded(file);
        assert_eq!(drawn.dimensions(), (1920, 2560));
        assert_eq!(bands(&drawn), [0, 1, 2, 3], "turned as the camera was held");
        let kept = everything(&city).await;
        for word in WRITTEN.iter().chain(&[WORDS, NAME]) {
            assert!(!holds(&kept, word.as_bytes()), "{word}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_picture_is_drawn_anew() {
    on_each_engine(async |city: City| {
        let kinds = [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
        let sizes = [60, 61, 62];
        let drawn = kinds.into_iter().zip(sizes);
        let drawn = drawn.map(|(kind, height)| encoded(&picture(80, height), kind));
        let mut photos: Vec<_> = drawn.collect();
        photos.push(GIF.to_vec());
        let photos: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
        let (status, page) = tell(&city, 'a', &photos).await;
        assert_eq!(status, 200);
        assert_eq!(
            page.matches("data-testid=\"stilled\"").count(),
            1,
            "one moves"
        );
        city.tick().await;
        let files = at_the_desk(&city).await;
        let sizes: Vec<_> = files
            .iter()
            .map(|(_, file)| decoded(file).dimensions())
            .collect();
        assert_eq!(sizes, [(80, 60), (80, 61), (80, 62), (1, 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_letter_with_one_set_of_photos() {
    on_each_engine(async |city: City| {
        let photos = [jpeg(10), jpeg(90), jpeg(170), jpeg(250)];
        let photos: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
        let first = digits(&tell(&city, 'a', &photos[..3]).await.1);
        assert_eq!(counts(&city).await, (0, 4, 3));
        assert_eq!(digits(&tell(&city, 'a', &photos[..3]).await.1), first);
        assert_eq!(counts(&city).await, (0, 4, 3), "resting");
        city.tick().await;
        assert_eq!(digits(&tell(&city, 'a', &photos[..3]).await.1), first);
        assert_eq!(counts(&city).await, (1, 0, 0), "delivered");
        // The same photo chosen twice is one.
        let twice = [photos[0], photos[0]];
        assert_eq!(digits(&tell(&city, 'a', &twice).await.1), first);
        assert_eq!(counts(&city).await, (1, 0, 0));
        // The same letter, where a phone forgot the photos or another one was chosen beside them.
        assert_eq!(digits(&tell(&city, 'a', &[]).await.1), first);
        let other = [photos[3], photos[0]];
        assert_eq!(digits(&tell(&city, 'a', &other).await.1), first);
        assert_eq!(counts(&city).await, (1, 1, 1), "the new one alone");
        city.tick().await;
        assert_eq!(at_the_desk(&city).await.len(), 4);
        assert_ne!(
            digits(&tell(&city, 'b', &photos).await.1),
            first,
            "another form"
        );
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_at_one_moment_is_one_letter_too() {
    on_each_engine(async |city: City| {
        let photos = [jpeg(10), jpeg(90)];
        let photos: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
        let send = || tell(&city, 'a', &photos);
        let answers = tokio::join!(send(), send(), send());
        let first = digits(&answers.0.1);
        for (status, page) in [answers.0, answers.1, answers.2] {
            assert!(status == 200 && !page.contains("data-testid=\"missing\""));
            assert_eq!(digits(&page), first);
        }
        assert_eq!(counts(&city).await, (0, 3, 2));
        city.tick().await;
        assert_eq!(at_the_desk(&city).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_taken_comes_back_with_the_words_and_nothing_is_sent() {
    on_each_engine(async |city: City| {
        let good = jpeg(7);
        let before = city.past().await.census().await;
        let bad: Vec<(&str, Vec<u8>)> = vec![
            ("empty", Vec::new()),
            ("large", vec![0xff; (10 << 20) + 1]),
            ("kind", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
            ("picture", b"<script>alert(1)</script>".to_vec()),
            ("picture", good[..good.len() - 2].to_vec()),
            ("picture", good[..good.len() / 2].to_vec()),
            ("picture", [b"\x89PNG\r\n\x1a\n", &good[..]].concat()),
            ("picture", b"RIFF\x04\0\0\0WEBPVP8 ".to_vec()),
            ("picture", stating(0, 8, RGB)),
            ("pixels", stating(30_000, 30_000, RGB)),
            ("pixels", stating(60_000, 2_000, RGB)),
            // The largest is decoded, and turns out to be cut short; one line more is not looked at.
            ("picture", stating(8192, 6144, RGB)),
            ("pixels", stating(8192, 6145, RGB)),
            ("pixels", stating(8192, 4097, RGBA16)),
        ];
        for (word, photo) in &bad {
            let (got, page) = tell(&city, 'a', &[&good, photo]).await;
            assert!(
                page.contains(&format!("data-problem=\"{word}\"")),
                "{word}: {got}"
            );
            assert_eq!(got, 422, "{word}");
            filled(&page);
            assert!(!page.contains("canary-name"), "named by its place alone");
        }
        let many = [&good[..]; 6];
        let (status, page) = tell(&city, 'a', &many).await;
        assert!(status == 413 && page.contains("data-problem=\"many\""));
        filled(&page);
        assert_eq!(city.past().await.census().await, before);
        // The control: without the bad one it goes, and so it does without any.
        assert_eq!(tell(&city, 'a', &[&good]).await.0, 200);
        assert_eq!(tell(&city, 'b', &[]).await.0, 200);
    })
    .await;
}

fn filled(page: &str) {
    assert!(page.contains(WORDS));
    for value in ["victim", "chair"] {
        let checked = format!("value=\"{value}\" autocomplete=\"off\" checked");
        assert!(page.contains(&checked), "{value}");
    }
    assert!(page.contains(&"a".repeat(64)));
}

#[tokio::test]
async fn more_than_a_form_may_hold_comes_back_with_the_words() {
    on_each_engine(async |city: City| {
        let photo = vec![0xff; 9 << 20];
        for photos in [3, 5, 7] {
            let (status, page) = tell(&city, 'a', &vec![&photo[..]; photos]).await;
            assert_eq!(status, 413);
            assert!(page.contains("data-problem=\"much\""), "{photos}");
            filled(&page);
        }
        // Words that no field holds are not read, and not given back.
        let long = "x".repeat(200_000);
        let body = form(&[("text", &long)], &[]);
        let (status, page) = post(&city, &address(&city), body).await;
        assert!(status == 413 && page.contains("data-problem=\"long\"") && page.len() < 100_000);
        // A body that broke off; one that is of no form has nothing to give back.
        let mut cut = form(&[("text", WORDS)], &[&jpeg(1)]);
        cut.truncate(cut.len() - 60);
        let (status, page) = post(&city, &address(&city), cut).await;
        assert!(status == 400 && page.contains("data-problem=\"cut\"") && page.contains(WORDS));
        assert_eq!(counts(&city).await, (0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn when_others_hold_the_room_for_photos_words_still_go() {
    on_each_engine(async |city: City| {
        let crowd = city.app.turns.crowd_of_photos().unwrap();
        let photo = encoded(&noise(700, 700), ImageFormat::Png);
        assert!(photo.len() > 300_000);
        let (status, page) = tell(&city, 'a', &[&photo]).await;
        assert!(status == 503 && page.contains("data-problem=\"busy\""));
        filled(&page);
        assert_eq!(tell(&city, 'b', &[]).await.0, 200);
        drop(crowd);
        assert_eq!(tell(&city, 'a', &[&photo]).await.0, 200);
        assert!(
            city.app.turns.crowd_of_photos().is_some(),
            "and it is given back"
        );
    })
    .await;
}

/// A picture that does not get smaller.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    RgbImage::from_fn(width, height, |_, _| Rgb([next(), next(), next()]))
}

#[tokio::test]
async fn when_a_photo_does_not_arrive_the_receipt_is_shown_and_says_which() {
    on_each_engine(async |city: City| {
        let photos = [jpeg(10), jpeg(90)];
        let photos: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
        let mut past = city.past().await;
        refuse_commits(&mut past, "resting_chunks").await;
        let (status, page) = tell(&city, 'a', &photos).await;
        assert_eq!(status, 200);
        assert_eq!(page.matches("data-testid=\"missing\"").count(), 2);
        let receipt = digits(&page);
        assert_eq!((receipt.len(), counts(&city).await), (20, (0, 1, 0)));
        // With the digits one can be added; so can both with the form.
        let fields = [("g1", &*receipt), ("text", ""), ("after", "0")];
        let (_, page) = post(&city, "/return", form(&fields, &photos[..1])).await;
        assert!(page.contains("data-problem=\"missing\""));
        allow_commits(&mut past, "resting_chunks").await;
        let (_, page) = post(&city, "/return", form(&fields, &photos[..1])).await;
        assert!(!page.contains("data-testid=\"problem\"") && page.contains("photo.jpg"));
        let (_, page) = tell(&city, 'a', &photos).await;
        assert!(digits(&page) == receipt && !page.contains("data-testid=\"missing\""));
        city.tick().await;
        assert_eq!(at_the_desk(&city).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_letter_and_its_photo_that_are_sent_twice_are_there_once() {
    on_each_engine(async |city: City| {
        let receipt = digits(&tell(&city, 'a', &[]).await.1);
        let photo = jpeg(9);
        let fields = [
            ("g1", &*receipt),
            ("after", "0"),
            ("text", "it goes on"),
            ("worse", "1"),
        ];
        let heic = b"\0\0\0\x18ftypheic".to_vec();
        let (status, page) = post(&city, "/return", form(&fields, &[&heic])).await;
        assert!(status == 422 && page.contains("data-problem=\"kind\""));
        assert!(page.contains("it goes on</textarea>"));
        assert_eq!(counts(&city).await, (0, 1, 0), "nothing was sent");
        let mut wrong = fields;
        wrong[0].1 = "12345678901234567890";
        let (_, page) = post(&city, "/return", form(&wrong, &[&photo])).await;
        assert!(page.contains("data-problem=\"digit\"") && page.contains("it goes on"));
        for when in ["first", "again"] {
            let (status, page) = post(&city, "/return", form(&fields, &[&photo])).await;
            assert_eq!(status, 200);
            assert!(
                page.contains("it goes on") && page.contains("photo.jpg"),
                "{when}"
            );
            assert_eq!(counts(&city).await, (0, 3, 1), "{when}");
        }
        city.tick().await;
        let (_, page) = post(&city, "/return", form(&fields, &[&photo])).await;
        assert_eq!(page.matches("data-side=\"mine\"").count(), 2);
        assert_eq!(at_the_desk(&city).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_letter_sent_again_after_others_is_found_where_it_stands() {
    on_each_engine(async |city: City| {
        let receipt = digits(&tell(&city, 'a', &[]).await.1);
        let long = "\u{8bf4}".repeat(2_900);
        let photo = jpeg(9);
        let send = async |after: &str, text: &str, photos: &[&[u8]]| {
            let fields = [("g1", &*receipt), ("after", after), ("text", text)];
            let (status, page) = post(&city, "/return", form(&fields, photos)).await;
            assert!(status == 200 && !page.contains("data-testid=\"problem\""));
            page.matches("data-side=\"mine\"").count()
        };
        // Three pieces and a photo; then more letters than an answer shows while they rest.
        assert_eq!(send("0", &long, &[&photo]).await, 4);
        for (after, text) in [("4", "one"), ("5", "two"), ("6", "three")] {
            send(after, text, &[]).await;
        }
        let sent_again = async |when: &str| {
            assert_eq!(send("0", &long, &[&photo]).await, 7, "{when}");
            assert_eq!(send("4", "one", &[]).await, 7, "{when}");
            assert_eq!(send("6", "three", &[]).await, 7, "{when}");
        };
        sent_again("resting").await;
        city.tick().await;
        sent_again("delivered").await;
        assert_eq!(
            send("7", "one", &[]).await,
            8,
            "a later form is another letter"
        );
        assert_eq!(send("6", "three", &[]).await, 8, "delivered and resting");
        assert_eq!(at_the_desk(&city).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn letters_that_are_sent_at_one_moment_are_each_there_once() {
    on_each_engine(async |city: City| {
        let receipt = digits(&tell(&city, 'a', &[]).await.1);
        let [first, second] = [jpeg(9), jpeg(99)];
        let send = async |after: &str, text: &str, photo: Option<&[u8]>| {
            let fields = [("g1", &*receipt), ("after", after), ("text", text)];
            let body = form(&fields, photo.as_slice());
            let (status, page) = post(&city, "/return", body).await;
            assert!(status == 200 && page.contains(text));
            assert!(!page.contains("data-testid=\"problem\""));
        };
        let same = || send("0", "it goes on", None);
        tokio::join!(same(), same(), same());
        assert_eq!(counts(&city).await, (0, 2, 0), "one form");
        let same = || send("1", "with a photo", Some(&first));
        tokio::join!(same(), same());
        assert_eq!(counts(&city).await, (0, 4, 1), "one form with a photo");
        let others = async || {
            let one = send("3", "one", None);
            let two = send("3", "two", Some(&second));
            tokio::join!(one, two, send("3", "three", None))
        };
        others().await;
        assert_eq!(counts(&city).await, (0, 8, 2), "other words");
        others().await;
        assert_eq!(counts(&city).await, (0, 8, 2), "and all of it again");
        city.tick().await;
        assert_eq!(at_the_desk(&city).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_did_not_come_through_is_not_told_that_its_digits_are_wrong() {
    on_each_engine(async |city: City| {
        let receipt = digits(&tell(&city, 'a', &[]).await.1);
        let fields = [("g1", &*receipt), ("after", "0"), ("text", WORDS)];
        let whole = form(&fields, &[&jpeg(1)]);
        let (status, page) = post(&city, "/return", whole[..90].to_vec()).await;
        assert!(status == 400 && page.contains("data-problem=\"cut\""));
        // Words that no field holds are not given back; the digits are.
        let huge = "x".repeat(200_000);
        for long in ["x".repeat(9_001), huge] {
            let mut fields = fields;
            fields[2].1 = &long;
            let (status, page) = post(&city, "/return", form(&fields, &[])).await;
            assert!(status == 413 && page.contains("data-problem=\"long\""));
            assert!(page.contains(&receipt) && page.len() < 100_000);
        }
        // Where no conversation could be opened there is no field to choose the photo again.
        let crowd = city.app.turns.crowd();
        let (status, page) = post(&city, "/return", whole.clone()).await;
        assert!(status == 503 && page.contains("data-problem=\"busy\""));
        assert!(page.contains(WORDS) && page.contains("先打开信"));
        drop(crowd);
        assert_eq!(counts(&city).await, (0, 1, 0));
        assert_eq!(post(&city, "/return", whole).await.0, 200);
    })
    .await;
}
