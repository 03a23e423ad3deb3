//! Where a guest was when it ended: its own frames, innermost first, with names as their language writes them.

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::{Error, FrameInfo, WasmBacktrace};

/// Of a name that is shown. Names are the guest's: they may be of any length, and unfold without end.
const LONGEST_NAME: usize = 200;
/// Of a name that is looked at.
const LONGEST_MANGLED: usize = 4096;

/// One frame a line, `0: name (module+0x1a2)`; the same function many times in a row is one line. Empty when no code of the
/// guest's was running.
pub fn render(error: &Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return String::new() };
    let mut out = String::new();
    let mut number = 0;
    let frames: Vec<&FrameInfo> = backtrace.frames().iter().filter(|frame| !is_glue(frame)).collect();
    let mut rest = &frames[machinery(&frames)..];
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|frame| is_same(first, frame)).count();
        let _ = write!(out, "{}{number}: {}", if number == 0 { "" } else { "\n" }, place(first));
        if same > 1 {
            let _ = write!(out, " × {same}");
        }
        rest = &rest[same..];
        number += 1;
    }
    if backtrace.frames().len() >= crate::engine::FRAMES {
        out.push_str("\n…");
    }
    out
}

/// How many frames at the top are how Rust panics, not why. A guest without names has none.
fn machinery(frames: &[&FrameInfo]) -> usize {
    let name = |frame: &&FrameInfo| frame.func_name().map(demangle).unwrap_or_default();
    let Some(panic) = frames.iter().position(|frame| name(frame) == "core::panicking::panic_fmt") else { return 0 };
    let reason = frames[panic..].iter().take_while(|frame| name(frame).starts_with("core::")).count();
    // Somebody must be left to have panicked.
    if panic + reason < frames.len() { panic + reason } else { 0 }
}

/// What the component encoder puts between modules: no code of anybody's.
fn is_glue(frame: &FrameInfo) -> bool {
    frame.module().name().is_some_and(|name| name.starts_with("wit-component:"))
}

fn is_same(a: &FrameInfo, b: &FrameInfo) -> bool {
    a.func_index() == b.func_index() && a.module().name() == b.module().name() && a.func_name() == b.func_name()
}

fn place(frame: &FrameInfo) -> String {
    let name = match frame.func_name() {
        Some(name) if !name.is_empty() => demangle(name),
        _ => format!("<function {}>", frame.func_index()),
    };
    let module = frame.module().name().map_or(String::new(), shorten);
    match (module.is_empty(), frame.module_offset()) {
        (false, Some(offset)) => format!("{name} ({module}+{offset:#x})"),
        (true, Some(offset)) => format!("{name} ({offset:#x})"),
        (false, None) => format!("{name} ({module})"),
        (true, None) => name,
    }
}

fn shorten(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// A buffer that is full at some point.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() > LONGEST_MANGLED {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// A Rust or C++ symbol as it stands in the source; any other name as it is.
pub fn demangle(name: &str) -> String {
    if name.len() > LONGEST_MANGLED {
        return shorten(name);
    }
    // A demangler that stumbles over a hostile name must not cost the task its error.
    let readable = catch_unwind(AssertUnwindSafe(|| {
        let mut out = Bounded(String::new());
        if let Ok(rust) = rustc_demangle::try_demangle(name) {
            let _ = write!(out, "{rust:#}");
        } else if let Ok(cpp) = cpp_demangle::Symbol::new(name) {
            let _ = cpp.structured_demangle(&mut out, &cpp_demangle::DemangleOptions::new());
        }
        out.0
    }))
    .unwrap_or_default();
    shorten(if readable.is_empty() { name } else { &readable })
}

#[cfg(test)]
mod tests {
    use super::demangle;

    #[test]
    fn names_are_shown_as_their_language_writes_them() {
        assert_eq!(demangle("_ZN4math6divide17h0123456789abcdefE"), "math::divide");
        assert_eq!(demangle("_RNvCs1234_4math6divide"), "math::divide");
        assert_eq!(demangle("_ZN4math6divideEdd"), "math::divide(double, double)");
        assert_eq!(demangle("JS_CallInternal"), "JS_CallInternal");
    }

    #[test]
    fn a_name_without_end_is_cut() {
        assert_eq!(demangle(&"x".repeat(10_000)).chars().count(), super::LONGEST_NAME + 1);
        let nested = format!("_Z1fI{}E", "St4pairIiiE".repeat(300));
        assert!(demangle(&nested).chars().count() <= super::LONGEST_NAME + 1);
    }
}
