//! From what tools make to what can run: core modules and text to components, components to WIT text.

use crate::ffi::{Failure, every_bytes_t, guard, slice};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, DecodedWasm, WitPrinter};

const MAGIC: &[u8] = b"\0asm";
const CORE_MODULE: &[u8] = &[1, 0, 0, 0];

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The component that `source` is or becomes: a component as it stands, a core module with a `component-type`
/// section, or the text of either.
fn componentize(source: &[u8]) -> Result<Vec<u8>, Failure> {
    let binary = wat::parse_bytes(source).map_err(Failure::invalid)?;
    let Some(version) = binary.strip_prefix(MAGIC).and_then(|rest| rest.get(..4)) else {
        return Err(Failure::invalid("neither WebAssembly nor its text form"));
    };
    if version != CORE_MODULE {
        return Ok(binary.into_owned());
    }
    if !contains(&binary, "component-type") {
        return Err(Failure::invalid(
            "a core module without a component-type section; build it with wit-bindgen, or make it a component",
        ));
    }
    let mut encoder = ComponentEncoder::default().validate(true).module(&binary).map_err(Failure::invalid)?;
    if contains(&binary, WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME) {
        encoder = encoder
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
            .map_err(Failure::invalid)?;
    }
    encoder.encode().map_err(Failure::invalid)
}

fn wit(component: &[u8]) -> Result<String, Failure> {
    let (resolve, package) = match wit_component::decode(component).map_err(Failure::invalid)? {
        DecodedWasm::WitPackage(resolve, package) => (resolve, package),
        DecodedWasm::Component(resolve, world) => {
            let package = resolve.worlds[world].package;
            (resolve, package.ok_or_else(|| Failure::invalid("its world is in no package"))?)
        }
    };
    let nested: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &nested).map_err(Failure::invalid)?;
    Ok(String::from(printer.output))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_componentize(
    source: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = componentize(unsafe { slice(source, len) })?.into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_wit(
    component: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = wit(unsafe { slice(component, len) })?.into_bytes().into();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_text_becomes_a_component_and_a_component_stays_as_it_is() {
        let Ok(component) = componentize(b"(component)") else { panic!("refused") };
        assert_eq!(&component[..8], b"\0asm\x0d\0\x01\0");
        let Ok(again) = componentize(&component) else { panic!("refused") };
        assert_eq!(again, component);
    }

    #[test]
    fn a_plain_core_module_is_refused_with_what_to_do() {
        let Err(Failure(_, text)) = componentize(b"(module)") else { panic!("accepted") };
        assert!(text.contains("component-type"), "{text}");
    }
}
