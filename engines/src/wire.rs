//! Values on their way into and out of a guest, as one flat run of bytes.
//!
//! The caller writes the arguments in the flat form that `every_engines.h` describes, type-directed and without
//! padding; this module lowers them straight into the guest's memory by the canonical ABI, and lifts results
//! the same way back. There is no tree of values in between, so a `list<u8>` costs one copy, wherever it stands.
//!
//! It stands on the hidden half of Wasmtime's `Lower` and `Lift` traits, hence the exact version in `Cargo.toml`.
//! `InterfaceType`s come from the component itself and are finite trees, so recursion is bounded by the type.

use crate::end::End;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::slice::{Iter, IterMut};
use wasmtime::component::__internal::wasmtime_environ::component::{MAX_FLAT_PARAMS, StringEncoding};
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::types::Type;
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};
use wasmtime::{Result, ValRaw, bail, format_err};

thread_local! {
    /// Bytes the result being lifted on this thread may take; `Lift` has no way to see the store's data.
    static RESULT_LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Sets how many bytes the next result lifted on this thread may take.
pub fn set_result_limit(bytes: usize) {
    RESULT_LIMIT.set(bytes);
}

const ANY: CanonicalAbiInfo = CanonicalAbiInfo { size32: 0, align32: 1, size64: 0, align64: 1, flat_count: Some(16) };

/// The arguments of one call, borrowed from the caller for its length.
#[derive(Clone, Copy)]
pub struct Args(&'static [u8]);

impl Args {
    /// # Safety
    /// `bytes` must outlive the call that the value is given to.
    pub unsafe fn new(bytes: &[u8]) -> Args {
        Args(unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) })
    }
}

// Safety: the type is only used with `TypedFunc::new_unchecked`; `Lower` has room for every flat parameter list.
unsafe impl ComponentType for Args {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = ANY;
    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        bail!("flat arguments fit no fixed type")
    }
}
unsafe impl ComponentNamedList for Args {}

unsafe impl Lower for Args {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let InterfaceType::Tuple(index) = ty else { bail!("parameters are no tuple") };
        let types = cx.types;
        let params = &types[index];
        // Safety: an array of `MaybeUninit` needs no initialisation.
        let dst: &mut [MaybeUninit<ValRaw>; MAX_FLAT_PARAMS] =
            unsafe { &mut *(dst.as_mut_ptr().cast::<[MaybeUninit<ValRaw>; MAX_FLAT_PARAMS]>()) };
        let mut src = Reader(self.0);
        if params.abi.flat_count(MAX_FLAT_PARAMS).is_some() {
            let mut slots = dst.iter_mut();
            for ty in params.types.iter() {
                lower_flat(cx, *ty, &mut src, &mut slots)?;
            }
        } else {
            let mut offset = cx.realloc(0, 0, params.abi.align32, params.abi.size32 as usize)?;
            dst[0].write(ValRaw::i64(offset as i64));
            for ty in params.types.iter() {
                let at = types.canonical_abi(ty).next_field32_size(&mut offset);
                store(cx, *ty, &mut src, at)?;
            }
        }
        src.finish()
    }

    fn linear_lower_to_memory<T>(&self, _: &mut LowerContext<'_, T>, _: InterfaceType, _: usize) -> Result<()> {
        bail!("flat arguments are lowered by linear_lower_to_flat")
    }
}

/// What a call returned, in the flat form. `FLAT` is how many core values the function hands over: one in the plain ABI (a
/// value, or where it is), and as many as `task.return` takes in the async one.
pub struct Output<const FLAT: usize>(pub Vec<u8>);

/// Core values of a type when it is flattened, at most one more than `MAX_FLAT_PARAMS`.
pub fn flat_count(ty: &Type) -> usize {
    let sum = |types: &mut dyn Iterator<Item = Type>| types.fold(0, |sum, ty| sum + flat_count(&ty));
    let most = |types: &mut dyn Iterator<Item = Type>| types.fold(0, |most, ty| flat_count(&ty).max(most));
    let count = match ty {
        Type::String | Type::List(_) | Type::Map(_) => 2,
        Type::Record(record) => sum(&mut record.fields().map(|field| field.ty)),
        Type::Tuple(tuple) => sum(&mut tuple.types()),
        Type::Variant(variant) => 1 + most(&mut variant.cases().filter_map(|case| case.ty)),
        Type::Option(option) => 1 + flat_count(&option.ty()),
        Type::Result(result) => 1 + most(&mut [result.ok(), result.err()].into_iter().flatten()),
        Type::Flags(flags) => flag_words(flags.names().len()),
        Type::FixedLengthList(list) => flat_count(&list.ty()).saturating_mul(list.len() as usize),
        _ => 1,
    };
    count.min(MAX_FLAT_PARAMS + 1)
}

unsafe impl<const FLAT: usize> ComponentType for Output<FLAT> {
    type Lower = [ValRaw; FLAT];
    const ABI: CanonicalAbiInfo = ANY;
    fn typecheck(_: &InterfaceType, _: &InstanceType<'_>) -> Result<()> {
        bail!("a flat result fits no fixed type")
    }
}
unsafe impl<const FLAT: usize> ComponentNamedList for Output<FLAT> {}

unsafe impl<const FLAT: usize> Lift for Output<FLAT> {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &Self::Lower) -> Result<Self> {
        let InterfaceType::Tuple(index) = ty else { bail!("results are no tuple") };
        let types = cx.types.clone();
        let results = &types[index];
        let mut out = Writer::default();
        if results.abi.flat_count(FLAT).is_some() {
            let mut slots = src.iter();
            for ty in results.types.iter() {
                lift_flat(cx, *ty, &mut slots, &mut out)?;
            }
        } else {
            let mut offset = next(&mut src.iter())?.get_u32() as usize;
            let bytes = range(cx, offset, 1, results.abi.size32 as usize, results.abi.align32)?;
            let start = offset;
            for ty in results.types.iter() {
                let abi = types.canonical_abi(ty);
                let at = abi.next_field32_size(&mut offset) - start;
                load(cx, *ty, &bytes[at..][..abi.size32 as usize], &mut out)?;
            }
        }
        Ok(Output(out.bytes))
    }

    fn linear_lift_from_memory(_: &mut LiftContext<'_>, _: InterfaceType, _: &[u8]) -> Result<Self> {
        bail!("a flat result is lifted by linear_lift_from_flat")
    }
}

/// Reads the flat form; every read is bounds-checked, so damaged arguments are an error and never more.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let Some((head, tail)) = self.0.split_at_checked(n) else { bail!("arguments end too early") };
        self.0 = tail;
        Ok(head)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into()?)
    }
    fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }
    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }
    fn string(&mut self) -> Result<&'a str> {
        let n = self.u32()? as usize;
        Ok(std::str::from_utf8(self.take(n)?)?)
    }
    fn finish(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { bail!("{} bytes after the last argument", self.0.len()) }
    }
}

/// Writes the flat form up to the limit of this thread.
struct Writer {
    bytes: Vec<u8>,
    limit: usize,
}

impl Default for Writer {
    fn default() -> Writer {
        Writer { bytes: Vec::new(), limit: RESULT_LIMIT.get() }
    }
}

impl Writer {
    /// The limit is on payload: 64 bytes are spared for the lengths and tags around a value of exactly that size.
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if self.bytes.len().saturating_add(bytes.len()) > self.limit.saturating_add(64) {
            return Err(End::Result { limit: self.limit as u64 }.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn u32(&mut self, n: usize) -> Result<()> {
        self.put(&u32::try_from(n)?.to_le_bytes())
    }
    fn string(&mut self, s: &[u8]) -> Result<()> {
        self.u32(s.len())?;
        self.put(s)
    }
}

/// A variant, option, result or enum seen alike: the type of each case's payload and how memory holds it.
struct Cases {
    payloads: Vec<Option<InterfaceType>>,
    /// Where memory holds the payload, from the start of the value.
    payload_offset: usize,
    /// Width of the case number in the flat form: 1 byte for option and result, else 4.
    narrow: bool,
}

fn cases(types: &wasmtime::component::__internal::ComponentTypes, ty: InterfaceType) -> Option<Cases> {
    Some(match ty {
        InterfaceType::Variant(i) => {
            Cases { payloads: types[i].cases.values().copied().collect(), payload_offset: types[i].info.payload_offset32 as usize, narrow: false }
        }
        InterfaceType::Enum(i) => {
            Cases { payloads: vec![None; types[i].names.len()], payload_offset: types[i].info.payload_offset32 as usize, narrow: false }
        }
        InterfaceType::Option(i) => {
            Cases { payloads: vec![None, Some(types[i].ty)], payload_offset: types[i].info.payload_offset32 as usize, narrow: true }
        }
        InterfaceType::Result(i) => {
            Cases { payloads: vec![types[i].ok, types[i].err], payload_offset: types[i].info.payload_offset32 as usize, narrow: true }
        }
        _ => return None,
    })
}

impl Cases {
    /// Bytes that the case number takes in memory.
    fn width(&self) -> usize {
        match self.payloads.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }
    fn read(&self, src: &mut Reader<'_>) -> Result<(u32, Option<InterfaceType>)> {
        let case = if self.narrow { u32::from(src.u8()?) } else { src.u32()? };
        let payload = self.payloads.get(case as usize).ok_or_else(|| format_err!("no case number {case}"))?;
        Ok((case, *payload))
    }
    fn write(&self, case: u32, out: &mut Writer) -> Result<Option<InterfaceType>> {
        let Some(payload) = self.payloads.get(case as usize) else { bail!("unexpected discriminant: {case}") };
        if self.narrow { out.put(&[case as u8])? } else { out.u32(case as usize)? }
        Ok(*payload)
    }
}

/// Size of a type whose flat form and memory form are the same bytes, whatever the bytes are.
fn plain(ty: InterfaceType) -> Option<usize> {
    match ty {
        InterfaceType::U8 | InterfaceType::S8 => Some(1),
        InterfaceType::U16 | InterfaceType::S16 => Some(2),
        InterfaceType::U32 | InterfaceType::S32 | InterfaceType::Float32 => Some(4),
        InterfaceType::U64 | InterfaceType::S64 | InterfaceType::Float64 => Some(8),
        _ => None,
    }
}

/// 32-bit words that hold `count` flags in the flat form.
fn flag_words(count: usize) -> usize {
    count.div_ceil(32)
}

/// Bytes that each of those words takes in memory.
fn flag_width(count: usize) -> usize {
    match count {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

fn store_small<T>(cx: &mut LowerContext<'_, T>, value: u32, width: usize, offset: usize) {
    cx.as_slice_mut()[offset..][..width].copy_from_slice(&value.to_le_bytes()[..width]);
}

fn load_small(bytes: &[u8], width: usize) -> Result<u32> {
    let mut value = [0; 4];
    let Some(bytes) = bytes.get(..width) else { bail!("value ends too early") };
    value[..width].copy_from_slice(bytes);
    Ok(u32::from_le_bytes(value))
}

fn unsupported<T>(ty: InterfaceType) -> Result<T> {
    bail!("values of this type cannot be passed: {ty:?}")
}

fn slot<'a>(dst: &mut IterMut<'a, MaybeUninit<ValRaw>>) -> Result<&'a mut MaybeUninit<ValRaw>> {
    dst.next().ok_or_else(|| format_err!("more core values than the signature has"))
}

fn lower_flat<T>(
    cx: &mut LowerContext<'_, T>,
    ty: InterfaceType,
    src: &mut Reader<'_>,
    dst: &mut IterMut<'_, MaybeUninit<ValRaw>>,
) -> Result<()> {
    let types = cx.types;
    if let Some(cases) = cases(types, ty) {
        let (case, payload) = cases.read(src)?;
        let mut rest = types.canonical_abi(&ty).flat_count(usize::MAX).unwrap_or(1) - 1;
        slot(dst)?.write(ValRaw::u32(case));
        if let Some(payload) = payload {
            rest -= types.canonical_abi(&payload).flat_count(usize::MAX).unwrap_or(0);
            lower_flat(cx, payload, src, dst)?;
        }
        for _ in 0..rest {
            slot(dst)?.write(ValRaw::u64(0));
        }
        return Ok(());
    }
    let value = match ty {
        InterfaceType::Bool => ValRaw::u32(u32::from(src.u8()? != 0)),
        InterfaceType::U8 => ValRaw::u32(src.u8()?.into()),
        InterfaceType::S8 => ValRaw::i32((src.u8()? as i8).into()),
        InterfaceType::U16 => ValRaw::u32(u16::from_le_bytes(src.array()?).into()),
        InterfaceType::S16 => ValRaw::i32(i16::from_le_bytes(src.array()?).into()),
        InterfaceType::U32 | InterfaceType::S32 | InterfaceType::Char => ValRaw::u32(src.u32()?),
        InterfaceType::U64 | InterfaceType::S64 => ValRaw::u64(u64::from_le_bytes(src.array()?)),
        InterfaceType::Float32 => ValRaw::f32(src.u32()?),
        InterfaceType::Float64 => ValRaw::f64(u64::from_le_bytes(src.array()?)),
        InterfaceType::String => {
            let mut pair = MaybeUninit::<[ValRaw; 2]>::uninit();
            src.string()?.linear_lower_to_flat(cx, ty, &mut pair)?;
            // Safety: lowering a string writes both values.
            let [pointer, length] = unsafe { pair.assume_init() };
            slot(dst)?.write(pointer);
            length
        }
        InterfaceType::List(_) | InterfaceType::Map(_) => {
            let (pointer, length) = lower_list(cx, ty, src)?;
            slot(dst)?.write(ValRaw::i64(pointer as i64));
            ValRaw::i64(length as i64)
        }
        InterfaceType::Flags(i) => {
            for _ in 0..flag_words(types[i].names.len()) {
                slot(dst)?.write(ValRaw::u32(src.u32()?));
            }
            return Ok(());
        }
        InterfaceType::Record(i) => {
            return types[i].fields.iter().try_for_each(|field| lower_flat(cx, field.ty, src, dst));
        }
        InterfaceType::Tuple(i) => return types[i].types.iter().try_for_each(|ty| lower_flat(cx, *ty, src, dst)),
        InterfaceType::FixedLengthList(i) => {
            return (0..types[i].size).try_for_each(|_| lower_flat(cx, types[i].element, src, dst));
        }
        _ => return unsupported(ty),
    };
    slot(dst)?.write(value);
    Ok(())
}

/// Lowers a list, or a map as the list of pairs that it is, into fresh guest memory.
fn lower_list<T>(cx: &mut LowerContext<'_, T>, ty: InterfaceType, src: &mut Reader<'_>) -> Result<(usize, usize)> {
    let types = cx.types;
    let count = src.u32()? as usize;
    match ty {
        InterfaceType::List(i) => {
            let element = types[i].element;
            let abi = types.canonical_abi(&element);
            let bytes = count.checked_mul(abi.size32 as usize).ok_or_else(|| format_err!("list too large"))?;
            let content = if plain(element).is_some() { Some(src.take(bytes)?) } else { None };
            let pointer = cx.realloc(0, 0, abi.align32, bytes)?;
            match content {
                Some(content) => cx.as_slice_mut()[pointer..][..bytes].copy_from_slice(content),
                None => {
                    for n in 0..count {
                        store(cx, element, src, pointer + n * abi.size32 as usize)?;
                    }
                }
            }
            Ok((pointer, count))
        }
        InterfaceType::Map(i) => {
            let map = &types[i];
            let size = map.entry_abi.size32 as usize;
            let bytes = count.checked_mul(size).ok_or_else(|| format_err!("map too large"))?;
            let pointer = cx.realloc(0, 0, map.entry_abi.align32, bytes)?;
            for n in 0..count {
                store(cx, map.key, src, pointer + n * size)?;
                store(cx, map.value, src, pointer + n * size + map.value_offset32 as usize)?;
            }
            Ok((pointer, count))
        }
        _ => unsupported(ty),
    }
}

fn store<T>(cx: &mut LowerContext<'_, T>, ty: InterfaceType, src: &mut Reader<'_>, offset: usize) -> Result<()> {
    let types = cx.types;
    if let Some(size) = plain(ty) {
        let bytes = src.take(size)?;
        cx.as_slice_mut()[offset..][..size].copy_from_slice(bytes);
        return Ok(());
    }
    if let Some(cases) = cases(types, ty) {
        let (case, payload) = cases.read(src)?;
        store_small(cx, case, cases.width(), offset);
        return match payload {
            Some(payload) => store(cx, payload, src, offset + cases.payload_offset),
            None => Ok(()),
        };
    }
    let mut at = offset;
    match ty {
        InterfaceType::Bool => *cx.get(offset) = [u8::from(src.u8()? != 0)],
        InterfaceType::Char => *cx.get(offset) = src.u32()?.to_le_bytes(),
        InterfaceType::String => src.string()?.linear_lower_to_memory(cx, ty, offset)?,
        InterfaceType::List(_) | InterfaceType::Map(_) => {
            let (pointer, length) = lower_list(cx, ty, src)?;
            *cx.get(offset) = u32::try_from(pointer)?.to_le_bytes();
            *cx.get(offset + 4) = u32::try_from(length)?.to_le_bytes();
        }
        InterfaceType::Flags(i) => {
            let count = types[i].names.len();
            for word in 0..flag_words(count) {
                store_small(cx, src.u32()?, flag_width(count), offset + word * 4);
            }
        }
        InterfaceType::Record(i) => {
            for field in types[i].fields.iter() {
                let at = types.canonical_abi(&field.ty).next_field32_size(&mut at);
                store(cx, field.ty, src, at)?;
            }
        }
        InterfaceType::Tuple(i) => {
            for ty in types[i].types.iter() {
                let at = types.canonical_abi(ty).next_field32_size(&mut at);
                store(cx, *ty, src, at)?;
            }
        }
        InterfaceType::FixedLengthList(i) => {
            let size = types.canonical_abi(&types[i].element).size32 as usize;
            for n in 0..types[i].size as usize {
                store(cx, types[i].element, src, offset + n * size)?;
            }
        }
        _ => return unsupported(ty),
    }
    Ok(())
}

fn next<'a>(src: &mut Iter<'a, ValRaw>) -> Result<&'a ValRaw> {
    src.next().ok_or_else(|| format_err!("fewer core values than the signature has"))
}

/// The bytes of `count` elements at `pointer`, checked for bounds and alignment.
fn range<'a>(cx: &LiftContext<'a>, pointer: usize, count: usize, size: usize, align: u32) -> Result<&'a [u8]> {
    let bytes = if count.saturating_mul(size) == 0 {
        Some(&[][..])
    } else {
        count.checked_mul(size).and_then(|len| cx.memory().get(pointer..)?.get(..len))
    };
    let Some(bytes) = bytes else { bail!("list pointer/length out of bounds of memory") };
    if !pointer.is_multiple_of(align as usize) {
        bail!("list pointer is not aligned");
    }
    Ok(bytes)
}

fn put_char(code: u32, out: &mut Writer) -> Result<()> {
    match char::from_u32(code) {
        Some(_) => out.put(&code.to_le_bytes()),
        None => bail!("not a Unicode scalar value: {code:#x}"),
    }
}

fn lift_string(cx: &mut LiftContext<'_>, pointer: u32, length: u32, out: &mut Writer) -> Result<()> {
    if let StringEncoding::Utf8 = cx.options().string_encoding {
        let bytes = range(cx, pointer as usize, length as usize, 1, 1)?;
        std::str::from_utf8(bytes)?;
        return out.string(bytes);
    }
    let pair = [ValRaw::u32(pointer), ValRaw::u32(length)];
    out.string(String::linear_lift_from_flat(cx, InterfaceType::String, &pair)?.as_bytes())
}

fn lift_list(cx: &mut LiftContext<'_>, ty: InterfaceType, pointer: u32, length: u32, out: &mut Writer) -> Result<()> {
    let types = cx.types.clone();
    let (pointer, length) = (pointer as usize, length as usize);
    out.u32(length)?;
    match ty {
        InterfaceType::List(i) => {
            let element = types[i].element;
            let abi = types.canonical_abi(&element);
            let bytes = range(cx, pointer, length, abi.size32 as usize, abi.align32)?;
            if plain(element).is_some() {
                return out.put(bytes);
            }
            for n in 0..length {
                let size = abi.size32 as usize;
                load(cx, element, bytes.get(n * size..(n + 1) * size).unwrap_or(&[]), out)?;
            }
            Ok(())
        }
        InterfaceType::Map(i) => {
            let map = &types[i];
            let size = map.entry_abi.size32 as usize;
            let bytes = range(cx, pointer, length, size, map.entry_abi.align32)?;
            let key = types.canonical_abi(&map.key).size32 as usize;
            let value = types.canonical_abi(&map.value).size32 as usize;
            for entry in bytes.chunks_exact(size) {
                load(cx, map.key, &entry[..key], out)?;
                load(cx, map.value, &entry[map.value_offset32 as usize..][..value], out)?;
            }
            Ok(())
        }
        _ => unsupported(ty),
    }
}

fn lift_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &mut Iter<'_, ValRaw>, out: &mut Writer) -> Result<()> {
    let types = cx.types.clone();
    if let Some(cases) = cases(&types, ty) {
        let mut rest = types.canonical_abi(&ty).flat_count(usize::MAX).unwrap_or(1) - 1;
        if let Some(payload) = cases.write(next(src)?.get_u32(), out)? {
            rest -= types.canonical_abi(&payload).flat_count(usize::MAX).unwrap_or(0);
            lift_flat(cx, payload, src, out)?;
        }
        for _ in 0..rest {
            next(src)?;
        }
        return Ok(());
    }
    match ty {
        InterfaceType::Bool => out.put(&[u8::from(next(src)?.get_u32() != 0)]),
        InterfaceType::U8 | InterfaceType::S8 => out.put(&[next(src)?.get_u32() as u8]),
        InterfaceType::U16 | InterfaceType::S16 => out.put(&(next(src)?.get_u32() as u16).to_le_bytes()),
        InterfaceType::U32 | InterfaceType::S32 => out.put(&next(src)?.get_u32().to_le_bytes()),
        InterfaceType::U64 | InterfaceType::S64 => out.put(&next(src)?.get_u64().to_le_bytes()),
        InterfaceType::Float32 => out.put(&next(src)?.get_f32().to_le_bytes()),
        InterfaceType::Float64 => out.put(&next(src)?.get_f64().to_le_bytes()),
        InterfaceType::Char => put_char(next(src)?.get_u32(), out),
        InterfaceType::String => {
            let (pointer, length) = (next(src)?.get_u32(), next(src)?.get_u32());
            lift_string(cx, pointer, length, out)
        }
        InterfaceType::List(_) | InterfaceType::Map(_) => {
            let (pointer, length) = (next(src)?.get_u32(), next(src)?.get_u32());
            lift_list(cx, ty, pointer, length, out)
        }
        InterfaceType::Flags(i) => {
            let count = types[i].names.len();
            for word in 0..flag_words(count) {
                put_flags(next(src)?.get_u32(), count - word * 32, out)?;
            }
            Ok(())
        }
        InterfaceType::Record(i) => types[i].fields.iter().try_for_each(|field| lift_flat(cx, field.ty, src, out)),
        InterfaceType::Tuple(i) => types[i].types.iter().try_for_each(|ty| lift_flat(cx, *ty, src, out)),
        InterfaceType::FixedLengthList(i) => {
            (0..types[i].size).try_for_each(|_| lift_flat(cx, types[i].element, src, out))
        }
        _ => unsupported(ty),
    }
}

/// Bits beyond the last flag are the guest's noise and are dropped.
fn put_flags(bits: u32, left: usize, out: &mut Writer) -> Result<()> {
    let mask = if left >= 32 { u32::MAX } else { (1u32 << left) - 1 };
    out.put(&(bits & mask).to_le_bytes())
}

fn word(bytes: &[u8], index: usize) -> Result<u32> {
    Ok(u32::from_le_bytes(bytes[index * 4..][..4].try_into()?))
}

fn load(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8], out: &mut Writer) -> Result<()> {
    if plain(ty).is_some() {
        return out.put(bytes);
    }
    let types = cx.types.clone();
    if let Some(cases) = cases(&types, ty) {
        return match cases.write(load_small(bytes, cases.width())?, out)? {
            Some(payload) => {
                let size = types.canonical_abi(&payload).size32 as usize;
                load(cx, payload, &bytes[cases.payload_offset..][..size], out)
            }
            None => Ok(()),
        };
    }
    let mut at = 0;
    match ty {
        InterfaceType::Bool => out.put(&[u8::from(bytes[0] != 0)]),
        InterfaceType::Char => put_char(word(bytes, 0)?, out),
        InterfaceType::String => lift_string(cx, word(bytes, 0)?, word(bytes, 1)?, out),
        InterfaceType::List(_) | InterfaceType::Map(_) => lift_list(cx, ty, word(bytes, 0)?, word(bytes, 1)?, out),
        InterfaceType::Flags(i) => {
            let count = types[i].names.len();
            (0..flag_words(count)).try_for_each(|n| {
                put_flags(load_small(&bytes[n * 4..], flag_width(count))?, count - n * 32, out)
            })
        }
        InterfaceType::Record(i) => types[i].fields.iter().try_for_each(|field| {
            let abi = types.canonical_abi(&field.ty);
            let at = abi.next_field32_size(&mut at);
            load(cx, field.ty, &bytes[at..][..abi.size32 as usize], out)
        }),
        InterfaceType::Tuple(i) => types[i].types.iter().try_for_each(|ty| {
            let abi = types.canonical_abi(ty);
            let at = abi.next_field32_size(&mut at);
            load(cx, *ty, &bytes[at..][..abi.size32 as usize], out)
        }),
        InterfaceType::FixedLengthList(i) => {
            let element = types[i].element;
            let size = types.canonical_abi(&element).size32 as usize;
            (0..types[i].size as usize).try_for_each(|n| load(cx, element, &bytes[n * size..][..size], out))
        }
        _ => unsupported(ty),
    }
}
