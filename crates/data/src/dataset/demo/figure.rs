//! The ten figures: which points belong to them.

use super::draws::Draws;

/// The classes, in label order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Disc,
    Ring,
    Square,
    Triangle,
    Cross,
    Star,
    Crescent,
    Arrow,
    Bars,
    Checker,
}

impl Kind {
    pub(super) const ALL: [Self; 10] = [
        Self::Disc,
        Self::Ring,
        Self::Square,
        Self::Triangle,
        Self::Cross,
        Self::Star,
        Self::Crescent,
        Self::Arrow,
        Self::Bars,
        Self::Checker,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disc => "disc",
            Self::Ring => "ring",
            Self::Square => "square",
            Self::Triangle => "triangle",
            Self::Cross => "cross",
            Self::Star => "star",
            Self::Crescent => "crescent",
            Self::Arrow => "arrow",
            Self::Bars => "bars",
            Self::Checker => "checker",
        }
    }
}

/// A figure with its proportions, about as large as the unit disc.
pub(super) struct Figure {
    kind: Kind,
    /// Numbers in 0 to 1 that bend the proportions; what they do depends on the kind.
    bend: [f64; 3],
}

/// Cosine and sine of multiples of 72 degrees.
const FIFTHS: [[f64; 2]; 5] = [
    [1.0, 0.0],
    [0.309_016_994_374_947_45, 0.951_056_516_295_153_5],
    [-0.809_016_994_374_947_5, 0.587_785_252_292_473_1],
    [-0.809_016_994_374_947_5, -0.587_785_252_292_473_1],
    [0.309_016_994_374_947_45, -0.951_056_516_295_153_5],
];

/// Cosine and sine of multiples of 120 degrees.
const THIRDS: [[f64; 2]; 3] = [
    [1.0, 0.0],
    [-0.5, 0.866_025_403_784_438_6],
    [-0.5, -0.866_025_403_784_438_6],
];

impl Figure {
    pub(super) fn new(kind: Kind, draws: &mut Draws) -> Self {
        Self {
            kind,
            bend: [draws.unit(), draws.unit(), draws.unit()],
        }
    }

    /// Whether the point is part of the figure.
    pub(super) fn contains(&self, [u, v]: [f64; 2]) -> bool {
        let [a, b, c] = self.bend;
        let square = u * u + v * v;
        match self.kind {
            Kind::Disc => square <= 0.9,
            Kind::Ring => {
                let inner = mix(0.45, 0.72, a);
                square <= 1.0 && square >= inner * inner
            }
            Kind::Square => u.abs() <= 0.85 && v.abs() <= 0.85,
            Kind::Triangle => THIRDS.iter().all(|[x, y]| -(x * u + y * v) <= 0.55),
            Kind::Cross => {
                let arm = mix(0.16, 0.32, a);
                (u.abs() <= arm || v.abs() <= arm) && u.abs() <= 1.0 && v.abs() <= 1.0
            }
            Kind::Star => {
                // A pentagram lies outside at most one of its five lines.
                let line = mix(0.33, 0.42, a);
                FIFTHS.iter().filter(|[x, y]| x * u + y * v > line).count() <= 1
            }
            Kind::Crescent => {
                let (away, bite) = (mix(0.4, 0.65, a), mix(0.75, 0.95, b));
                square <= 1.0 && (u - away) * (u - away) + v * v >= bite * bite
            }
            Kind::Arrow => {
                let shaft = v.abs() <= mix(0.12, 0.24, a) && (-1.0..=0.3).contains(&u);
                let neck = mix(-0.1, 0.3, b);
                let head = (neck..=1.0).contains(&u)
                    && v.abs() * (1.0 - neck) <= mix(0.6, 0.85, c) * (1.0 - u);
                shaft || head
            }
            Kind::Bars => {
                let cycles = mix(1.2, 2.0, a) * v + b;
                u.abs() <= 0.85 && v.abs() <= 0.95 && cycles - cycles.floor() < 0.5
            }
            Kind::Checker => {
                let cells = mix(1.4, 2.2, a);
                let parity = ((u * cells + b).floor() + (v * cells + c).floor()) * 0.5;
                u.abs() <= 0.9 && v.abs() <= 0.9 && parity == parity.floor()
            }
        }
    }
}

fn mix(low: f64, high: f64, share: f64) -> f64 {
    low + (high - low) * share
}
