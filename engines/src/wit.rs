//! WIT text to what can be built from it: the worlds of a package as JSON, C bindings of one world.

use crate::ffi::{Failure, every_bytes_t, guard, slice, text};
use std::collections::BTreeMap;
use std::path::Path;
use wit_bindgen_core::Files;
use wit_parser::{
    Function, Handle, Resolve, SourceMap, Type, TypeDefKind, UnresolvedPackageGroup, WorldId, WorldItem, WorldKey,
};

/// A list of (path, content), as `every_engines.h` describes it.
fn unpack(mut packed: &[u8]) -> Result<Vec<(&str, &str)>, Failure> {
    let mut texts = Vec::new();
    while !packed.is_empty() {
        let (length, rest) =
            packed.split_first_chunk::<4>().ok_or_else(|| Failure::invalid("a cut list of files"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (item, rest) =
            rest.split_at_checked(length).ok_or_else(|| Failure::invalid("a cut list of files"))?;
        texts.push(std::str::from_utf8(item).map_err(|_| Failure::invalid("WIT that is not UTF-8"))?);
        packed = rest;
    }
    Ok(texts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

fn pack(files: &Files) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    for (path, content) in files.iter() {
        for item in [path.as_bytes(), content] {
            out.extend_from_slice(&u32::try_from(item.len()).map_err(Failure::invalid)?.to_le_bytes());
            out.extend_from_slice(item);
        }
    }
    Ok(out)
}

/// The packages of a folder's files: those at its top, and one for each entry of `deps/`.
fn resolve(files: &[(&str, &str)]) -> Result<(Resolve, wit_parser::PackageId), Failure> {
    let mut main = SourceMap::default();
    let mut deps: BTreeMap<&str, SourceMap> = BTreeMap::new();
    for (path, content) in files {
        match path.strip_prefix("deps/") {
            Some(rest) => {
                let package = rest.split('/').next().unwrap_or(rest);
                deps.entry(package).or_default().push(Path::new(path), *content);
            }
            None => main.push(Path::new(path), *content),
        }
    }
    let parse = |map: SourceMap| -> Result<UnresolvedPackageGroup, Failure> {
        map.parse().map_err(|(map, error)| {
            Failure::invalid(wit_parser::render_anyhow_error(&error.into(), &map))
        })
    };
    let main = parse(main)?;
    let deps = deps.into_values().map(parse).collect::<Result<Vec<_>, _>>()?;
    let mut resolve = Resolve::default();
    match resolve.push_groups(main, deps) {
        Ok(package) => Ok((resolve, package)),
        Err(error) => Err(Failure::invalid(resolve.render_error(&error.into()))),
    }
}

/// A JSON text under construction.
#[derive(Default)]
struct Json(String);

impl Json {
    fn string(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                c if (c as u32) < 0x20 => self.0.push_str(&format!("\\u{:04x}", c as u32)),
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }
    fn key(&mut self, key: &str) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
        self.string(key);
        self.0.push(':');
    }
    fn pair(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
    }
    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Json, T)) {
        self.0.push('[');
        for item in items {
            if !self.0.ends_with('[') {
                self.0.push(',');
            }
            each(self, item);
        }
        self.0.push(']');
    }
}

/// The text of a type as one would write it in WIT, by its name where it has one.
fn type_text(resolve: &Resolve, ty: &Type) -> String {
    let id = match ty {
        Type::Bool => return "bool".into(),
        Type::U8 => return "u8".into(),
        Type::U16 => return "u16".into(),
        Type::U32 => return "u32".into(),
        Type::U64 => return "u64".into(),
        Type::S8 => return "s8".into(),
        Type::S16 => return "s16".into(),
        Type::S32 => return "s32".into(),
        Type::S64 => return "s64".into(),
        Type::F32 => return "f32".into(),
        Type::F64 => return "f64".into(),
        Type::Char => return "char".into(),
        Type::String => return "string".into(),
        Type::ErrorContext => return "error-context".into(),
        Type::Id(id) => *id,
    };
    let def = &resolve.types[id];
    if let Some(name) = &def.name {
        return name.clone();
    }
    let of = |ty: &Type| type_text(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), of);
    match &def.kind {
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", of(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", of(key), of(value)),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(of).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => "result".into(),
            (Some(ok), None) => format!("result<{}>", of(ok)),
            (ok, err) => format!("result<{}, {}>", maybe(ok), maybe(err)),
        },
        TypeDefKind::Type(ty) => of(ty),
        TypeDefKind::Handle(Handle::Own(id)) => of(&Type::Id(*id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(&Type::Id(*id))),
        TypeDefKind::Future(_) => "future".into(),
        TypeDefKind::Stream(_) => "stream".into(),
        other => other.as_str().into(),
    }
}

/// Types are shared in WIT and written out here; what is larger is cut.
const MOST: usize = 4 << 20;

/// A type's structure: `"f64"`, or an object with its `kind`.
fn type_json(resolve: &Resolve, json: &mut Json, ty: &Type) {
    let Type::Id(id) = ty else { return json.string(&type_text(resolve, ty)) };
    let def = &resolve.types[*id];
    if let TypeDefKind::Type(ty) = &def.kind {
        return type_json(resolve, json, ty);
    }
    json.0.push('{');
    json.pair("kind", def.kind.as_str());
    if let Some(name) = &def.name {
        json.pair("name", name);
    }
    let optional = |json: &mut Json, key: &str, ty: &Option<Type>| {
        json.key(key);
        match ty {
            Some(ty) => type_json(resolve, json, ty),
            None => json.0.push_str("null"),
        }
    };
    if json.0.len() < MOST {
        match &def.kind {
            TypeDefKind::List(ty) | TypeDefKind::Option(ty) | TypeDefKind::FixedLengthList(ty, _) => {
                optional(json, "of", &Some(*ty));
            }
            TypeDefKind::Map(key, value) => {
                optional(json, "key", &Some(*key));
                optional(json, "of", &Some(*value));
            }
            TypeDefKind::Result(result) => {
                optional(json, "ok", &result.ok);
                optional(json, "err", &result.err);
            }
            TypeDefKind::Tuple(tuple) => {
                json.key("types");
                json.list(&tuple.types, |json, ty| type_json(resolve, json, ty));
            }
            TypeDefKind::Record(record) => {
                json.key("fields");
                json.list(&record.fields, |json, field| {
                    json.0.push('{');
                    json.pair("name", &field.name);
                    optional(json, "type", &Some(field.ty));
                    json.0.push('}');
                });
            }
            TypeDefKind::Variant(variant) => {
                json.key("cases");
                json.list(&variant.cases, |json, case| {
                    json.0.push('{');
                    json.pair("name", &case.name);
                    optional(json, "type", &case.ty);
                    json.0.push('}');
                });
            }
            TypeDefKind::Enum(names) => {
                json.key("cases");
                json.list(&names.cases, |json, case| json.string(&case.name));
            }
            TypeDefKind::Flags(flags) => {
                json.key("cases");
                json.list(&flags.flags, |json, flag| json.string(&flag.name));
            }
            _ => {}
        }
    }
    json.0.push('}');
}

fn function_json(resolve: &Resolve, json: &mut Json, interface: &str, function: &Function) {
    let typed = |json: &mut Json, ty: &Type| {
        json.pair("type", &type_text(resolve, ty));
        json.key("shape");
        type_json(resolve, json, ty);
    };
    json.0.push('{');
    json.pair("interface", interface);
    json.pair("name", &function.name);
    json.pair("docs", function.docs.contents.as_deref().unwrap_or(""));
    json.key("params");
    json.list(&function.params, |json, param| {
        json.0.push('{');
        json.pair("name", &param.name);
        typed(json, &param.ty);
        json.0.push('}');
    });
    json.key("result");
    match &function.result {
        Some(ty) => {
            json.0.push('{');
            typed(json, ty);
            json.0.push('}');
        }
        None => json.0.push_str("null"),
    }
    json.0.push('}');
}

fn items_json<'a>(
    resolve: &Resolve,
    json: &mut Json,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)> + Clone,
) {
    let functions = items.clone().flat_map(|(key, item)| match item {
        WorldItem::Function(function) => vec![(String::new(), function)],
        WorldItem::Interface { id, .. } => {
            let interface = resolve.name_world_key(key);
            resolve.interfaces[*id].functions.values().map(|f| (interface.clone(), f)).collect()
        }
        WorldItem::Type { .. } => vec![],
    });
    json.key("functions");
    json.list(functions, |json, (interface, function)| {
        function_json(resolve, json, &interface, function);
    });
    let interfaces = items.filter(|(_, item)| matches!(item, WorldItem::Interface { .. }));
    json.key("interfaces");
    json.list(interfaces, |json, (key, _)| json.string(&resolve.name_world_key(key)));
}

fn world_json(resolve: &Resolve, json: &mut Json, world: WorldId) {
    let world = &resolve.worlds[world];
    json.0.push('{');
    json.pair("name", &world.name);
    json.pair("docs", world.docs.contents.as_deref().unwrap_or(""));
    for (key, items) in [("imports", &world.imports), ("exports", &world.exports)] {
        json.key(key);
        json.0.push('{');
        items_json(resolve, json, items.iter());
        json.0.push('}');
    }
    json.0.push('}');
}

fn worlds(files: &[(&str, &str)]) -> Result<String, Failure> {
    let (resolve, package) = resolve(files)?;
    let package = &resolve.packages[package];
    let mut json = Json::default();
    json.0.push('{');
    json.pair("package", &package.name.to_string());
    json.key("worlds");
    json.list(package.worlds.values(), |json, world| world_json(&resolve, json, *world));
    json.0.push('}');
    Ok(json.0)
}

/// As [`worlds`], of the one world a component has.
fn component_world(component: &[u8]) -> Result<String, Failure> {
    match wit_component::decode(component).map_err(Failure::invalid)? {
        wit_component::DecodedWasm::Component(resolve, world) => {
            let mut json = Json::default();
            world_json(&resolve, &mut json, world);
            Ok(json.0)
        }
        wit_component::DecodedWasm::WitPackage(..) => {
            Err(Failure::invalid("a WIT package in binary form, not a component: it has no code"))
        }
    }
}

fn c_bindings(files: &[(&str, &str)], world: &str) -> Result<Vec<u8>, Failure> {
    let (mut resolve, package) = resolve(files)?;
    let world = resolve.select_world(&[package], Some(world)).map_err(Failure::invalid)?;
    let mut out = Files::default();
    let mut generator = wit_bindgen_c::Opts::default().build();
    generator.generate(&mut resolve, world, &mut out).map_err(Failure::unsupported)?;
    pack(&out)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_wit_worlds(
    files: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = worlds(&unpack(unsafe { slice(files, len) })?)?.into_bytes().into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_world(
    component: *const u8,
    len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = component_world(unsafe { slice(component, len) })?.into_bytes().into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_c_bindings(
    files: *const u8,
    len: usize,
    world: *const u8,
    world_len: usize,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let world = unsafe { text(world, world_len) }?;
        *out = c_bindings(&unpack(unsafe { slice(files, len) })?, world)?.into();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATH: &str = "package a:b;\nworld math { export add: func(a: f64, b: option<f64>) -> f64; }\n";

    #[test]
    fn a_world_is_told_with_its_functions_and_their_types() {
        let Ok(json) = worlds(&[("math.wit", MATH)]) else { panic!("refused") };
        assert!(json.contains(r#"{"name":"b","type":"option<f64>","shape":{"kind":"option","of":"f64"}}"#), "{json}");
    }

    #[test]
    fn a_mistake_is_told_with_file_line_and_column() {
        let Err(Failure(_, text)) = worlds(&[("math.wit", "package a:b;\nworld math { exprot x; }\n")]) else {
            panic!("accepted")
        };
        assert!(text.contains("math.wit:2:14"), "{text}");
    }
}
