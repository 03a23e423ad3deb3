//! Text rules of the original that must match to the letter: URL printing and the spellings of a function's name.

use crate::ffi::{Failure, every_bytes_t, guard, text};
use heck::{ToKebabCase, ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};
use url::Url;

/// The names to look for when a workflow names `function`, in order; each once.
pub fn candidates(function: &str) -> Vec<String> {
    let all = [
        function.to_owned(),
        function.to_uppercase(),
        function.to_kebab_case(),
        function.to_snake_case(),
        function.to_lower_camel_case(),
        function.to_upper_camel_case(),
        format!("%{function}"),
    ];
    let mut names: Vec<String> = Vec::new();
    for name in all {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_url_normalize(
    url: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let url = Url::parse(unsafe { text(url, len) }?).map_err(Failure::invalid)?;
        *out = String::from(url).into_bytes().into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_export_candidates(
    function: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = candidates(unsafe { text(function, len) }?).join("\0").into_bytes().into();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_come_in_the_originals_order() {
        let expected = ["add_one", "ADD_ONE", "add-one", "addOne", "AddOne", "%add_one"];
        assert_eq!(candidates("add_one"), expected);
        assert_eq!(candidates("SUBTRACT"), ["SUBTRACT", "subtract", "Subtract", "%SUBTRACT"]);
    }
}
