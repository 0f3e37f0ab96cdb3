//! One image: background, clutter, the figure, more clutter, noise.

use super::canvas::{Canvas, Colour, Field, Frame, SIDE};
use super::draws::Draws;
use super::figure::{Figure, Kind};

/// Draws one image of a class into its three planes. Everything but the figure is drawn alike for every class.
pub(super) fn draw(kind: Kind, draws: &mut Draws, planes: &mut [u8]) {
    let back: Colour = std::array::from_fn(|_| draws.between(0.1, 0.65));
    let mut canvas = Canvas::filled(back);
    let slow = draws.between(0.05, 0.25);
    canvas.add(&Field::new(2, slow, false, draws));
    let fine = draws.between(0.02, 0.14);
    let (cells, grey) = (draws.count(5, 12) as usize, draws.chance(0.5));
    canvas.add(&Field::new(cells, fine, grey, draws));

    // Before the figure, so that it may be covered; some more follow that may cover it.
    for _ in 0..draws.count(2, 4) {
        clutter(&mut canvas, back, [2.0, 6.0], draws);
    }
    let front = figure_colour(back, draws);
    let strength = draws.between(0.02, 0.12);
    let texture = Field::new(draws.count(2, 8) as usize, strength, false, draws);
    let radius = draws.between(9.0, 13.5);
    let narrow = draws.between(0.7, 1.0);
    let middle = SIDE as f64 / 2.0;
    let centre = [
        middle + draws.between(-4.0, 4.0),
        middle + draws.between(-4.0, 4.0),
    ];
    // Mostly upright: so small a set should not have to teach rotations as well.
    let direction = if draws.chance(0.85) {
        draws.near_upright(0.45)
    } else {
        draws.direction()
    };
    let frame = Frame::new(
        centre,
        direction,
        [radius, radius * narrow],
        draws.between(-0.2, 0.2),
    );
    let figure = Figure::new(kind, draws);
    canvas.paint(
        &frame,
        |point| figure.contains(point),
        front,
        Some(&texture),
        draws.between(0.75, 1.0),
    );

    for _ in 0..draws.count(1, 3) {
        clutter(&mut canvas, back, [1.0, 3.0], draws);
    }
    canvas.write(draws.between(0.02, 0.12), draws, planes);
}

/// A small ellipse or box somewhere.
fn clutter(canvas: &mut Canvas, back: Colour, radii: [f64; 2], draws: &mut Draws) {
    let side = SIDE as f64;
    let centre = [draws.between(0.0, side), draws.between(0.0, side)];
    let (long, short) = (
        draws.between(radii[0], radii[1]),
        draws.between(radii[0] * 0.5, radii[1] * 0.5),
    );
    let frame = Frame::new(centre, draws.direction(), [long, short], 0.0);
    let contrast = draws.between(0.1, 0.45);
    let colour = apart(back, contrast, draws);
    let opacity = draws.between(0.4, 1.0);
    if draws.chance(0.5) {
        canvas.paint(&frame, |[u, v]| u * u + v * v <= 1.0, colour, None, opacity);
    } else {
        canvas.paint(
            &frame,
            |[u, v]| u.abs() <= 1.0 && v.abs() <= 1.0,
            colour,
            None,
            opacity,
        );
    }
}

/// The figure's colour: mostly lighter than the background, sometimes darker, and of another hue.
fn figure_colour(back: Colour, draws: &mut Draws) -> Colour {
    let step = draws.between(0.12, 0.42);
    let lift = if draws.chance(0.9) { step } else { -step };
    let hue = draws.between(0.05, 0.3);
    let shift = draws.shift(hue);
    std::array::from_fn(|channel| back[channel] + lift + shift[channel])
}

/// A colour at this distance from another, within what bytes can show.
fn apart(from: Colour, distance: f64, draws: &mut Draws) -> Colour {
    let mut found = from;
    // Near white or black most directions leave the range; after 16 attempts a clipped colour will do.
    for _ in 0..16 {
        let shift = draws.shift(distance);
        found = std::array::from_fn(|channel| from[channel] + shift[channel]);
        if found.iter().all(|value| (0.0..=1.0).contains(value)) {
            break;
        }
    }
    found
}
