//! The published evaluation recipes of the methods, each a complete configuration in which only paths are left to give.
//!
//! The facts are those of DD-Ranking's published configurations; where a method has none, those of the paper's Table 1.
//! Every departure from either is a comment in the text. `configs/methods/` holds the same texts as files.
//!
//! ```
//! let recipe = ddrank_configuration::recipes::find("datm/cifar10-ipc10").unwrap();
//! assert!(recipe.toml().contains("zca = \"kornia\""));
//! assert!(ddrank_configuration::recipes::find("datm/cifar10-ipc5").is_err());
//! ```

mod hard_label;
mod method;
mod method_recipe;
mod relabelled;
mod single_label;
mod summary;

use std::sync::LazyLock;

use ddrank_keys::nearest;

pub use method_recipe::MethodRecipe;

/// A recipe name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no recipe `{name}`{}; `ddrank recipes` lists them", suggestion.as_ref().map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?")))]
pub struct UnknownRecipe {
    /// The name asked for.
    pub name: String,
    /// The nearest name that exists.
    pub suggestion: Option<String>,
}

static RECIPES: LazyLock<Vec<MethodRecipe>> = LazyLock::new(|| {
    let mut recipes = hard_label::recipes();
    recipes.extend(single_label::recipes());
    recipes.extend(relabelled::recipes());
    recipes
});

/// Every recipe, by family of methods, dataset and images per class.
pub fn all() -> &'static [MethodRecipe] {
    &RECIPES
}

/// The recipe of this name; case does not matter.
///
/// # Errors
/// If there is none; the error names the nearest one.
pub fn find(name: &str) -> Result<&'static MethodRecipe, UnknownRecipe> {
    let wanted = name.trim_end_matches(".toml");
    let found = all()
        .iter()
        .find(|recipe| recipe.name().eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| UnknownRecipe {
        name: name.to_owned(),
        suggestion: nearest(wanted, all().iter().map(MethodRecipe::name)).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_found() {
        let names: BTreeSet<&str> = all().iter().map(MethodRecipe::name).collect();
        // 90 published, 6 DataDAM, 3 CDA, 3 EDF, 3 + 3 LRS of EDC and G-VBSM.
        assert_eq!((names.len(), all().len()), (108, 108));
        for name in names {
            assert_eq!(find(name).unwrap().name(), name);
        }
        assert_eq!(
            find("DATM/CIFAR10-IPC10.toml").unwrap().name(),
            "datm/cifar10-ipc10"
        );
    }

    #[test]
    fn a_typo_names_the_nearest_recipe() {
        for (typo, nearest) in [
            ("datm/cifar10-ipc01", "datm/cifar10-ipc1"),
            ("gvbsm/imagenet1k-ipc10", "g-vbsm/imagenet1k-ipc10"),
            ("rded/tinyimagenet-ipc50", "rded/tiny-imagenet-ipc50"),
        ] {
            let error = find(typo).unwrap_err();
            assert_eq!(error.suggestion.as_deref(), Some(nearest), "{typo}");
            assert!(error.to_string().contains(nearest), "{error}");
        }
        let error = find("zzz").unwrap_err();
        assert_eq!(error.suggestion, None);
        assert!(error.to_string().contains("ddrank recipes"), "{error}");
    }
}
