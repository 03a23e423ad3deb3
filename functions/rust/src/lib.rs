//! `add` and `divide`, the Rust part of the article's arithmetic.
wit_bindgen::generate!({ world: "math", path: "../wit", generate_all });

use wasi::logging::logging::{log, Level};

struct Math;

impl Guest for Math {
    fn add(a: f64, b: f64) -> f64 {
        let sum = a + b;
        log(Level::Info, "guest:rust:add", &format!("{a} + {b} = {sum}"));
        sum
    }

    fn divide(a: f64, b: f64) -> f64 {
        if b == 0.0 {
            log(Level::Error, "guest:rust:divide", "Division by zero error");
            panic!("Division by zero error");
        }
        let quotient = a / b;
        log(Level::Info, "guest:rust:divide", &format!("{a} / {b} = {quotient}"));
        quotient
    }
}

export!(Math);
