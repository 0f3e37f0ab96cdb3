//! How the work on a layer is divided among threads, and how what they add up is put together again.

use cubecl::prelude::*;

/// Channels, or groups, of a cube: neighbouring threads read neighbouring numbers, and 32 of them run in step on most
/// GPUs.
pub(in crate::cube) const LANES: u32 = 32;
/// Threads of a channel. 256 threads to a cube is what WebGPU guarantees.
pub(in crate::cube) const ROWS: u32 = 8;

/// What a kernel has to know of the layer when it is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::cube) struct Form {
    /// ReLU after the normalisation.
    pub(in crate::cube) rectifies: bool,
    /// Average pooling 2 x 2 after that.
    pub(in crate::cube) pools: bool,
    /// Statistics of a group of channels of one image, not of a channel of all of them.
    pub(in crate::cube) per_image: bool,
}

/// Sizes of a layer.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(in crate::cube) struct Sizes {
    pub(in crate::cube) height: u32,
    pub(in crate::cube) width: u32,
    pub(in crate::cube) channels: u32,
    /// Channels of a group; one for batch normalisation.
    pub(in crate::cube) group: u32,
    /// Parts that an image is divided into.
    pub(in crate::cube) parts: u32,
}

/// The sum over the rows of a cube, in the same order in every row.
///
/// Every thread gets it and so adds up all rows of its channel: eight additions cost less than a tree's barriers. All
/// threads of the cube must call it, also those without a channel: a barrier that some do not reach is undefined.
#[cube]
pub(super) fn total(value: f32) -> f32 {
    let mut shared = Shared::<[f32]>::new_slice(comptime!((LANES * ROWS) as usize));
    shared[UNIT_POS as usize] = value;
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for row in 0..ROWS {
        sum += shared[(row * LANES + UNIT_POS_X) as usize];
    }
    // The next call may use the same memory: nobody writes before everybody has read.
    sync_cube();
    sum
}

/// Pixels of a part.
#[cube]
pub(super) fn part_length(pixels: u32, parts: u32) -> u32 {
    pixels.div_ceil(parts)
}

/// Pixels of part `part`; the last ones may have fewer, or none.
#[cube]
pub(super) fn part_pixels(pixels: u32, parts: u32, part: u32) -> u32 {
    let length = part_length(pixels, parts);
    // `length` is rounded up, so a part may begin behind the last pixel.
    let start = u32::min(part * length, pixels);
    u32::min(start + length, pixels) - start
}

/// The group of this thread's channel.
#[cube]
pub(super) fn group_of(channel: u32, sizes: &Sizes, #[comptime] per_image: bool) -> u32 {
    if comptime!(per_image) {
        CUBE_POS_Z * (sizes.channels / sizes.group) + channel / sizes.group
    } else {
        channel
    }
}

/// Where number `index` of the parts of group `group` is.
#[cube]
pub(super) fn place_of(group: u32, index: u32, sizes: &Sizes, #[comptime] per_image: bool) -> u32 {
    // A group of an image has its channels of all parts; a channel of the batch has all parts of all images, which lie
    // one row of channels apart.
    if comptime!(per_image) {
        let groups = sizes.channels / sizes.group;
        let image = group / groups;
        let part = index / sizes.group;
        (image * sizes.parts + part) * sizes.channels
            + (group - image * groups) * sizes.group
            + (index - part * sizes.group)
    } else {
        index * sizes.channels + group
    }
}
