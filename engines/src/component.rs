//! A component ready to be called: compiled, linked to the sandbox, its functions listed.

#![allow(non_camel_case_types)]

use crate::describe;
use crate::engine;
use crate::ffi::{Failure, every_bytes_t, guard, slice, text};
use crate::sandbox;
use crate::task::Task;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};
use wasmtime_c_api::wasm_engine_t;

/// `every_component_t`.
pub struct every_component_t {
    pub component: Component,
    pub pre: InstancePre<Task>,
    pub functions: Vec<Function>,
}

pub struct Function {
    pub export: ComponentExportIndex,
    pub interface: String,
    pub name: String,
    /// An `async func`, which may or may not be lifted with the async ABI.
    pub is_async: bool,
}

impl every_component_t {
    fn new(engine: &Engine, component: Component) -> Result<every_component_t, Failure> {
        let linker = sandbox::link(engine, &component).map_err(Failure::unsupported)?;
        let pre = linker.instantiate_pre(&component).map_err(Failure::unsupported)?;
        let functions = functions(engine, &component);
        Ok(every_component_t { component, pre, functions })
    }
}

/// The functions a caller may name: at the root, and in exported interfaces.
fn functions(engine: &Engine, component: &Component) -> Vec<Function> {
    let mut found = Vec::new();
    let mut add = |parent: Option<&ComponentExportIndex>, interface: &str, name: &str, is_async: bool| {
        if let Some(export) = component.get_export_index(parent, name) {
            found.push(Function { export, interface: interface.to_owned(), name: name.to_owned(), is_async });
        }
    };
    for (name, export) in component.component_type().exports(engine) {
        match export.ty {
            ComponentItem::ComponentFunc(ty) => add(None, "", name, ty.async_()),
            ComponentItem::ComponentInstance(instance) => {
                let parent = component.get_export_index(None, name);
                for (function, export) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = export.ty {
                        add(parent.as_ref(), name, function, ty.async_());
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_compile(
    engine: &wasm_engine_t,
    bytes: *const u8,
    len: usize,
    component_out: &mut *mut every_component_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let engine = engine::unwrap(engine);
        let component = Component::from_binary(engine, unsafe { slice(bytes, len) }).map_err(Failure::invalid)?;
        *component_out = Box::into_raw(Box::new(every_component_t::new(engine, component)?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_serialize(
    component: &every_component_t,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = component.component.serialize().map_err(Failure::invalid)?.into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_deserialize(
    engine: &wasm_engine_t,
    bytes: *const u8,
    len: usize,
    component_out: &mut *mut every_component_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let engine = engine::unwrap(engine);
        // Safety: the caller vouches for the bytes, see the header.
        let component =
            unsafe { Component::deserialize(engine, slice(bytes, len)) }.map_err(Failure::invalid)?;
        *component_out = Box::into_raw(Box::new(every_component_t::new(engine, component)?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_deserialize_file(
    engine: &wasm_engine_t,
    path: *const u8,
    path_len: usize,
    component_out: &mut *mut every_component_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let engine = engine::unwrap(engine);
        let path = unsafe { text(path, path_len) }?;
        // Safety: the caller vouches for the file, see the header.
        let component = unsafe { Component::deserialize_file(engine, path) }.map_err(Failure::invalid)?;
        *component_out = Box::into_raw(Box::new(every_component_t::new(engine, component)?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_describe(
    component: &every_component_t,
    out: &mut every_bytes_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        *out = describe::describe(component).map_err(Failure::unsupported)?.into();
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_component_delete(component: Option<Box<every_component_t>>) {
    drop(component);
}
