//! A photo, drawn anew in memory: what the camera wrote into it is dropped with the old bytes.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use zeroize::{Zeroize, Zeroizing};

use super::picture::{self, Look};

/// Longest side of what is made, as on a page with script.
const LONGEST_SIDE: u32 = 2560;
const QUALITY: u8 = 85;
/// A picture of more is not decoded: 8,192 × 6,144, the largest that phones take by themselves.
const MOST_PIXELS: u64 = 48 << 20;
/// Memory of a picture as it is decoded; for some kinds a part of it twice.
const MOST_MEMORY: u64 = 256 << 20;
/// What a PNG may unpack beside its picture: profiles and notes.
const MOST_NOTES: u64 = 16 << 20;

/// Why a photo is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// No bytes.
    Empty,
    /// More bytes than one photo may have.
    Large,
    /// A picture of a kind that is not decoded here.
    Kind,
    /// Damaged, cut short or no picture.
    Picture,
    /// Too many pixels.
    Pixels,
}

/// A photo that was drawn anew.
pub(crate) struct Photo {
    /// A JPEG.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// The old one moved; this is its first picture.
    pub(super) moved: bool,
}

/// Draws a photo anew: upright, on white, no larger than needed.
pub(super) fn redrawn(bytes: &[u8]) -> Result<Photo, Unfit> {
    match picture::look(bytes) {
        Look::Picture { whole: false, .. } => Err(Unfit::Picture),
        Look::Picture { format, moves, .. } => Ok(Photo {
            bytes: encoded(drawn(bytes, format)?)?,
            moved: moves,
        }),
        Look::Other => Err(Unfit::Kind),
        Look::Nothing if bytes.is_empty() => Err(Unfit::Empty),
        Look::Nothing => Err(Unfit::Picture),
    }
}

fn drawn(bytes: &[u8], format: ImageFormat) -> Result<RgbImage, Unfit> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(match format {
        ImageFormat::Png => MOST_NOTES,
        _ => MOST_MEMORY,
    });
    reader.limits(limits);
    // Reads the head alone; the size that it states is what the decoder will fill.
    let mut decoder = reader.into_decoder().map_err(unfit)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(Unfit::Pixels);
    }
    let orientation = decoder.orientation().map_err(unfit)?;
    let whole = DynamicImage::from_decoder(decoder).map_err(unfit)?;
    let mut drawn = scaled(whole);
    drawn.apply_orientation(orientation);
    Ok(on_white(drawn))
}

fn unfit(error: image::ImageError) -> Unfit {
    match error {
        image::ImageError::Limits(_) => Unfit::Pixels,
        _ => Unfit::Picture,
    }
}

fn scaled(whole: DynamicImage) -> DynamicImage {
    let longest = whole.width().max(whole.height());
    if longest <= LONGEST_SIDE {
        return whole;
    }
    let side = |old: u32| {
        let exact = f64::from(old) * f64::from(LONGEST_SIDE) / f64::from(longest);
        (exact.round() as u32).max(1)
    };
    let drawn = whole.resize_exact(
        side(whole.width()),
        side(whole.height()),
        FilterType::Triangle,
    );
    wiped(whole);
    drawn
}

/// Overwrites a picture that is not needed any more.
fn wiped(image: DynamicImage) {
    // Eight bits a channel is what nearly every picture has; others are converted, not moved.
    match image {
        DynamicImage::ImageRgb8(image) => image.into_raw().zeroize(),
        DynamicImage::ImageRgba8(image) => image.into_raw().zeroize(),
        DynamicImage::ImageLuma8(image) => image.into_raw().zeroize(),
        _ => {}
    }
}

/// Where a picture is transparent a page would show white.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut drawn = RgbImage::new(image.width(), image.height());
    for (to, from) in drawn.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let mix = |colour: u32| ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        *to = Rgb([mix(red), mix(green), mix(blue)]);
    }
    image.into_raw().zeroize();
    drawn
}

fn encoded(image: RgbImage) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    let mut bytes = Zeroizing::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut *bytes, QUALITY);
    let done = image.write_with_encoder(encoder);
    image.into_raw().zeroize();
    done.map_err(|_| Unfit::Picture)?;
    picture::bare(&bytes)
        .map(Zeroizing::new)
        .ok_or(Unfit::Picture)
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, ImageBuffer, LumaA, Rgba, RgbaImage};

    use super::*;

    fn png(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn redrawn_pixels(image: &DynamicImage) -> RgbImage {
        let photo = redrawn(&png(image)).unwrap();
        image::load_from_memory(&photo.bytes).unwrap().into_rgb8()
    }

    #[test]
    fn what_is_transparent_is_white() {
        let clear = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 0]));
        let half = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 128]));
        let grey = GrayAlphaImage::from_pixel(16, 16, LumaA([40, 255]));
        let wide: ImageBuffer<Rgba<u16>, _> =
            ImageBuffer::from_pixel(16, 16, Rgba([65_535, 0, 0, 65_535]));
        for (image, expected) in [
            (clear.into(), [255, 255, 255]),
            (half.into(), [127, 127, 127]),
            (grey.into(), [40, 40, 40]),
            (DynamicImage::ImageRgba16(wide), [255, 0, 0]),
        ] {
            let pixel = redrawn_pixels(&image).get_pixel(8, 8).0;
            let off = pixel.iter().zip(expected).map(|(a, b)| a.abs_diff(b));
            assert!(off.max().unwrap() < 4, "{pixel:?} is not {expected:?}");
        }
    }

    #[test]
    fn the_longest_side_is_that_of_a_page_with_script() {
        for (old, new) in [
            ((2560, 10), (2560, 10)),
            ((2561, 10), (2560, 10)),
            ((10, 5120), (5, 2560)),
            ((8000, 1), (2560, 1)),
        ] {
            let image = DynamicImage::new_luma8(old.0, old.1);
            assert_eq!(redrawn_pixels(&image).dimensions(), new, "{old:?}");
        }
    }
}
