//! Code of an older warp, as much of the web still has it.

use super::names::UNKNOWN;
use super::{Case, Cause, Look};
use crate::types::is_filter;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[older_warp, address_twice];

/// What warp had before, and what does the same now.
const GONE: &[(&str, &str)] = &[
    (
        "try_bind",
        "Bind a TcpListener yourself, as main in each starter does, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "bind_ephemeral",
        "Bind a TcpListener to port 0 yourself, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "try_bind_ephemeral",
        "Bind a TcpListener to port 0 yourself, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "bind_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run(), with a TcpListener that you bind yourself.",
    ),
    (
        "try_bind_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run(), with a TcpListener that you bind yourself.",
    ),
    (
        "serve_incoming",
        "Write warp::serve(…).incoming(listener).run() in its place.",
    ),
    (
        "serve_incoming_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run() in its place.",
    ),
    (
        "run_incoming",
        "Write warp::serve(…).incoming(listener).run() in its place.",
    ),
    (
        "tls",
        "Serve without it here: warp::serve(…).incoming(listener).run(). A server in the open stands behind a proxy that has the certificate.",
    ),
    ("ws2", "Write warp::ws() in its place."),
    ("get2", "Write warp::get() in its place."),
    ("post2", "Write warp::post() in its place."),
    ("put2", "Write warp::put() in its place."),
    ("delete2", "Write warp::delete() in its place."),
    ("Ws2", "Write warp::ws::Ws in its place."),
    ("index", "Write warp::path::end() in its place."),
    ("concat", "Write warp::body::bytes() in its place."),
    (
        "bad_request",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "forbidden",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "server_error",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "unit",
        "Leave it out, or write untuple_one() where a () is extracted.",
    ),
    (
        "multipart",
        "The steps do without it: it is a feature of warp's that Cargo.toml does not ask for.",
    ),
    (
        "compression",
        "The steps do without it: it is a feature of warp's that Cargo.toml does not ask for.",
    ),
];

/// A name that warp had once. That it was meant for warp is proved by what stands before it: a type or a module of warp's.
fn older_warp(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let (_, instead) = GONE.iter().find(|(gone, _)| *gone == name)?;
    let error = case.error;
    let of_method = prose::NO_METHOD.of(&error.text);
    let is_warps = match of_method {
        Some([_, _, of]) => of.contains("warp::") || of.starts_with("Server<") || is_filter(of),
        None => {
            let before = case.source.between((0, span.bytes.0));
            let path = before
                .rsplit(|it: char| !it.is_alphanumeric() && it != '_' && it != ':')
                .next();
            let is_path = path
                .is_some_and(|path| path.starts_with("warp::") || path.starts_with("filters::"));
            is_path
                || (UNKNOWN.iter().any(|code| error.is(code))
                    && before.lines().next_back()?.contains("use warp::"))
        }
    };
    is_warps.then(|| {
        Cause::new(
            &kinds::OLDER_WARP,
            format!("`{name}` is of an older warp. Many pages on the web use it, but warp 0.4 has nothing of this name."),
            *instead,
        )
    })
}

/// `run` with an address behind `incoming`, or without one directly behind `serve`.
fn address_twice(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    if !case.error.is("E0061") || name != "run" {
        return None;
    }
    let line = case.source.between((0, span.bytes.0));
    let chain = &line[line.rfind("serve(")?..];
    let (cause, next) = match chain.contains(".incoming(") || chain.contains(".bind(") {
        true => (
            "`run` gets an address here, but after `incoming` the listener already has one.",
            "Write run() without anything in it.",
        ),
        false => (
            "`run` directly after `serve` takes an address, as in older programs, and gets none here.",
            "Put .incoming(listener) before .run(): then the address is that of the listener.",
        ),
    };
    Some(Cause::new(&kinds::OLDER_WARP, cause, next))
}
