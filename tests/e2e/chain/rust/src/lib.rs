wit_bindgen::generate!({ world: "rust", path: "../wit" });

use every::chain::types::{Circle, Shape, Status};

struct Component;

impl Guest for Component {
    fn in_rust(mut order: Order) -> Order {
        order.id = -order.id;
        order.ratio /= 3.0;
        order.note.get_or_insert_with(String::new).push_str(" Rust");
        order.tags.push("Rust".into());
        order.status = match order.status {
            Status::Open => Status::VeryLate,
            Status::VeryLate => Status::Open,
        };
        order.shape = match order.shape {
            Shape::Square(square) => Shape::Circle(Circle { radius: square.side + 0.25 }),
            other => other,
        };
        order.data.iter_mut().for_each(|byte| *byte ^= 0x80);
        order.counts.push(("Rust".into(), order.id));
        order
    }
}

export!(Component);
