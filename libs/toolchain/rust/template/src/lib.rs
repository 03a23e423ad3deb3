wit_bindgen::generate!({ world: "{{name}}", path: "wit", generate_all });

use wasi::logging::logging::{log, Level};

struct Component;

impl Guest for Component {
    fn greet(name: String, times: u32) -> String {
        log(Level::Info, "guest:rust:greet", &format!("greeting {name}"));
        vec![format!("Hello, {name}!"); times as usize].join(" ")
    }
}

export!(Component);
