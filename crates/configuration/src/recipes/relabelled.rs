//! Methods whose sets are relabelled by teachers at every step: SRe2L, D4M, RDED, CDA, DWA, EDC, G-VBSM.

mod cda_dwa;
mod d4m;
mod ensemble;
mod rded;
mod shared_recipe;
mod sre2l;

use super::method_recipe::MethodRecipe;

/// All recipes of the family.
pub(super) fn recipes() -> Vec<MethodRecipe> {
    let mut recipes = sre2l::recipes();
    recipes.extend(d4m::recipes());
    recipes.extend(rded::recipes());
    recipes.extend(cda_dwa::recipes());
    recipes.extend(ensemble::recipes());
    recipes
}
