//! Each type of WIT, taken and given back.
wit_bindgen::generate!({ world: "types", path: "../wit" });

use exports::pairs::{Guest as Pairs, Pair};

struct Component;

/// Functions that give back what they got.
macro_rules! echo {
    ($($name:ident: $type:ty;)*) => { $(fn $name(a: $type) -> $type { a })* };
}

impl Guest for Component {
    echo! {
        echo_bool: bool;
        echo_u8: u8;
        echo_s8: i8;
        echo_u16: u16;
        echo_s16: i16;
        echo_u32: u32;
        echo_s32: i32;
        echo_u64: u64;
        echo_s64: i64;
        echo_f32: f32;
        echo_f64: f64;
        echo_char: char;
        echo_string: String;
        echo_bytes: Vec<u8>;
        echo_bools: Vec<bool>;
        echo_s8s: Vec<i8>;
        echo_u16s: Vec<u16>;
        echo_s64s: Vec<i64>;
        echo_f32s: Vec<f32>;
        echo_chars: Vec<char>;
        echo_strings: Vec<Vec<String>>;
        echo_tuple: (u8, i64, String, bool, char);
        echo_record: Point;
        echo_variant: Shape;
        echo_enum: Level;
        echo_flags: Rights;
        echo_many: Many;
        echo_option: Option<String>;
        echo_nested: Option<Option<u32>>;
        echo_results: Vec<Result<u32, String>>;
        echo_bare: (Result<(), ()>, Result<(), Level>, Result<Point, ()>);
        echo_deep: Vec<Option<(Shape, Vec<Vec<u8>>)>>;
    }

    fn echo_params(
        a: u8, b: i64, c: f32, d: String, e: Vec<u8>, f: Option<Point>, g: Shape, h: Rights,
    ) -> (u8, i64, f32, String, Vec<u8>, Option<Point>, Shape, Rights) {
        (a, b, c, d, e, f, g, h)
    }
    fn nothing(_: bool) {}
    fn no_parameters() -> u32 {
        u32::MAX
    }
    fn answer(a: Result<u32, String>) -> Result<u32, String> {
        a
    }

    fn bits_of_f32(a: f32) -> u32 {
        a.to_bits()
    }
    fn bits_of_f64(a: f64) -> u64 {
        a.to_bits()
    }
    fn f32_of_bits(a: u32) -> f32 {
        f32::from_bits(a)
    }
    fn f64_of_bits(a: u64) -> f64 {
        f64::from_bits(a)
    }
    fn describe(a: Shape, b: Rights) -> String {
        let shape = match a {
            Shape::None => "none".into(),
            Shape::Circle(radius) => format!("circle {}", radius as i64),
            Shape::Polygon(points) => points.iter().map(point).collect::<Vec<_>>().join("; "),
            Shape::Named((name, level)) => format!("{name} {}", self::level(level)),
        };
        let shown = |flag, text| if b.contains(flag) { text } else { "" };
        format!("{shape}{}{}{}", shown(Rights::READ, " r"), shown(Rights::WRITE_ALL, " w"), shown(Rights::RUN, " x"))
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::VeryHigh => "high",
    }
}

fn point(point: &Point) -> String {
    let y = point.y_value.map_or("-".into(), |y| y.to_string());
    format!("{} {y} {} {}", point.x as i64, level(point.level), point.tags.join(","))
}

impl Pairs for Component {
    fn swap(a: Pair, b: Pair) -> (Pair, Pair) {
        (b, a)
    }
}

export!(Component);
