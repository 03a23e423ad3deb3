//! The types of a component's functions as bytes; `every_engines.h` gives the grammar.

use crate::component::every_component_t;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::{Result, bail};

/// A type is shared in a component and written out here: a hostile one could grow without end.
const MOST: usize = 4 << 20;

#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn u8(&mut self, n: u8) {
        self.0.push(n);
    }
    fn count(&mut self, n: usize) -> Result<()> {
        self.0.extend_from_slice(&u32::try_from(n)?.to_le_bytes());
        Ok(())
    }
    fn text(&mut self, s: &str) -> Result<()> {
        if self.0.len() > MOST {
            bail!("its types are too large: more than {MOST} bytes of description");
        }
        self.count(s.len())?;
        self.0.extend_from_slice(s.as_bytes());
        Ok(())
    }
    fn names<'a>(&mut self, kind: u8, names: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
        self.u8(kind);
        self.count(names.len())?;
        for name in names {
            self.text(name)?;
        }
        Ok(())
    }
    fn optional(&mut self, ty: Option<Type>) -> Result<()> {
        self.u8(ty.is_some().into());
        ty.map_or(Ok(()), |ty| self.ty(&ty))
    }
    fn unsupported(&mut self, what: &str) -> Result<()> {
        self.u8(23);
        self.text(what)
    }

    fn ty(&mut self, ty: &Type) -> Result<()> {
        if self.0.len() > MOST {
            bail!("its types are too large: more than {MOST} bytes of description");
        }
        match ty {
            Type::Bool => self.u8(0),
            Type::S8 => self.u8(1),
            Type::U8 => self.u8(2),
            Type::S16 => self.u8(3),
            Type::U16 => self.u8(4),
            Type::S32 => self.u8(5),
            Type::U32 => self.u8(6),
            Type::S64 => self.u8(7),
            Type::U64 => self.u8(8),
            Type::Float32 => self.u8(9),
            Type::Float64 => self.u8(10),
            Type::Char => self.u8(11),
            Type::String => self.u8(12),
            Type::List(list) => {
                self.u8(13);
                self.ty(&list.ty())?;
            }
            Type::Record(record) => {
                self.u8(14);
                self.count(record.fields().len())?;
                for field in record.fields() {
                    self.text(field.name)?;
                    self.ty(&field.ty)?;
                }
            }
            Type::Tuple(tuple) => {
                self.u8(15);
                self.count(tuple.types().len())?;
                for ty in tuple.types() {
                    self.ty(&ty)?;
                }
            }
            Type::Variant(variant) => {
                self.u8(16);
                self.count(variant.cases().len())?;
                for case in variant.cases() {
                    self.text(case.name)?;
                    self.optional(case.ty)?;
                }
            }
            Type::Enum(names) => self.names(17, names.names())?,
            Type::Option(option) => {
                self.u8(18);
                self.ty(&option.ty())?;
            }
            Type::Result(result) => {
                self.u8(19);
                self.optional(result.ok())?;
                self.optional(result.err())?;
            }
            Type::Flags(flags) => self.names(20, flags.names())?,
            Type::Map(map) => {
                self.u8(21);
                self.ty(&map.key())?;
                self.ty(&map.value())?;
            }
            Type::FixedLengthList(list) => {
                self.u8(22);
                self.count(list.len() as usize)?;
                self.ty(&list.ty())?;
            }
            Type::Own(_) | Type::Borrow(_) => self.unsupported("resource")?,
            Type::Stream(_) => self.unsupported("stream")?,
            Type::Future(_) => self.unsupported("future")?,
            Type::ErrorContext => self.unsupported("error-context")?,
        }
        Ok(())
    }

    fn function(&mut self, interface: &str, name: &str, ty: &ComponentFunc) -> Result<()> {
        self.text(interface)?;
        self.text(name)?;
        self.u8(ty.async_().into());
        self.count(ty.params().len())?;
        for (name, ty) in ty.params() {
            self.text(name)?;
            self.ty(&ty)?;
        }
        self.optional(ty.results().next())
    }
}

pub fn describe(component: &every_component_t) -> Result<Vec<u8>> {
    let mut out = Out::default();
    let engine = component.component.engine();
    let ty = component.component.component_type();
    out.count(component.functions.len())?;
    for function in &component.functions {
        let item = match function.interface.as_str() {
            "" => ty.get_export(engine, &function.name).map(|export| export.ty),
            interface => match ty.get_export(engine, interface).map(|export| export.ty) {
                Some(ComponentItem::ComponentInstance(instance)) => {
                    instance.get_export(engine, &function.name).map(|export| export.ty)
                }
                _ => None,
            },
        };
        let Some(ComponentItem::ComponentFunc(ty)) = item else { bail!("`{}` is no function", function.name) };
        out.function(&function.interface, &function.name, &ty)?;
    }
    let imports = ty.imports(engine);
    out.count(imports.len())?;
    for (name, _) in imports {
        out.text(name)?;
    }
    Ok(out.0)
}
