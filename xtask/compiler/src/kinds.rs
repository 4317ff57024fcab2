//! The kinds of mistakes that a compile error can be traced to: for each its id, the rule behind it, and the rule at work.
//!
//! The words for the one mistake at hand, with the learner's names, are in `causes/`. What is here is the same for all of
//! a kind: `hint` says it after the cause has not been enough.

/// A kind of mistake.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The stable name, as in `--json` and in the corpus.
    pub id: &'static str,
    /// The rule that was broken.
    pub rule: &'static str,
    /// Right code that keeps the rule, of another program.
    pub example: &'static str,
    /// Where a README of the workshop explains it: the step, and the heading of the paragraph.
    pub readme: Option<(u32, &'static str)>,
}

/// Declares the kinds, and a list of all.
macro_rules! kinds {
    ($($name:ident $id:literal $(in $step:literal $heading:literal)?: $rule:literal => $example:literal;)*) => {
        $(#[doc = $rule] pub static $name: Kind = Kind {
            id: $id,
            rule: $rule,
            example: $example,
            readme: kinds!(@ $($step $heading)?),
        };)*

        /// Every kind there is.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
    (@) => { None };
    (@ $step:literal $heading:literal) => { Some(($step, $heading)) };
}

kinds! {
    // The text's shape.
    UNCLOSED_BRACKET "unclosed-bracket":
        "Each ( [ and { needs a bracket that closes it, and the last one that opened closes first."
        => "println!(\"{}\", names.join(\", \"));";
    STRAY_BRACKET "stray-bracket":
        "A closing bracket closes the last open one. If none is open, there is one bracket too many."
        => "if is_ready {\n    start();\n}";
    UNCLOSED_TEXT "unclosed-text":
        "A text goes on until its second quote, over the ends of lines. If a quote is missing, the code after it becomes text, and the next text becomes code."
        => "let word = \"hello\";";
    MISSING_SEMICOLON "missing-semicolon":
        "A statement ends with a semicolon. Without one, the compiler reads on, and takes the next line as a part of the statement."
        => "let a = 1;\nlet b = 2;";
    FORMAT_VALUES "format-values":
        "Each {} in a format takes one of the values after the text, in their order. A name inside, {name}, needs no value after the text."
        => "println!(\"{} of {}\", done, all);\nprintln!(\"{done} of {all}\");";
    FORMAT_TEXT "format-text":
        "The first argument of println! and format! is a text in quotes. It says where the values go."
        => "println!(\"{number}\");";
    FORMAT_BRACE "format-brace":
        "In a format, braces mark the place of a value. To print a brace, write it twice."
        => "println!(\"{{{name}}}\"); // {Ada}";

    FUNCTION_HEAD "function-head":
        "A function begins with `fn` and its name. Then come its parameters in brackets, an arrow with the type that it returns, and its block. `pub` and `async` stand before `fn`."
        => "pub async fn load(name: &str) -> String {\n    name.to_string()\n}";
    TYPE_HEAD "type-head":
        "`struct` begins a type with its fields, and `impl` a block with the functions of a type. `type` gives a type another name, with an =."
        => "struct Seat {\n    row: u32,\n}\n\nimpl Seat {\n    fn is_first(&self) -> bool {\n        self.row == 1\n    }\n}";
    SELF_MISSING "self-missing":
        "A method has `self` as its first parameter: &self reads the value, &mut self changes it. Its fields are behind a dot, and `Self` is its type."
        => "fn stand_up(&mut self) {\n    self.is_free = true;\n}";
    NUMBER_FORM "number-form":
        "A number is digits, and _ may part them. It has no unit and no comma: another type says what it counts."
        => "let bytes = 4 * 1_024;\nlet pause = Duration::from_millis(250);";
    DECLARATION "declaration":
        "The name comes first, then a colon and the type. `let` declares a variable, and `mut` behind it lets it change. One = stands before the value."
        => "let port: u16 = 8080;\nlet mut count = 0;\nfn open(port: u16) {}";
    SEPARATOR "separator":
        "Commas stand between the parts of a list: values, arguments, fields, and the arms of a match. A semicolon ends a statement."
        => "match sizes.len() {\n    0 => \"none\",\n    _ => \"some\",\n}";
    MATCH_ARM "match-arm":
        "An arm of a match is a pattern, =>, a value and a comma. The pattern _ takes everything else, and two dots stand for the rest of a list."
        => "match numbers {\n    [first, ..] => *first,\n    _ => 0,\n}";
    PATH_SIGN "path-sign":
        "Two colons lead into a crate, a module or a type. A dot leads to a field or a method of a value."
        => "let now = Instant::now();\nlet passed = now.elapsed();";
    TYPE_BRACKETS "type-brackets":
        "A type that holds others has them between < and >. In a call, two colons stand before the <."
        => "let names: Vec<String> = Vec::new();\nlet number = \"4\".parse::<u32>();";
    LET_MISSING "let-missing":
        "After `if` and `while`, `let` makes a pattern out of what follows: the block runs if the value fits, with the names of the pattern."
        => "while let Some(name) = names.pop() {\n    println!(\"{name}\");\n}";
    FOR_LOOP "for-loop":
        "`for name in list { … }` goes through a list or a range of numbers. There are no brackets around it, and nothing to count up."
        => "for number in 0..3 {\n    println!(\"{number}\");\n}";
    CONDITION "condition":
        "A condition has no brackets, but its block has braces. == compares, and the signs are && for and, || for or, ! for not."
        => "if count == 0 && !is_open {\n    open();\n} else if count > 9 {\n    close();\n}";
    BRACE_MISSING "brace-missing":
        "A block begins with { at the end of its first line, and ends with }. How far a line is indented means nothing to the compiler."
        => "if is_ready {\n    start();\n}";
    CLOSURE_FORM "closure-form":
        "A closure is a function without a name: its parameters stand between two bars, and its value comes directly behind them."
        => "let double = |number: u32| number * 2;";
    STRUCT_VALUE "struct-value":
        "A value of a struct is written with the struct's name and, in braces, each field with a colon and its value. There is no `new`, unless the type has a function of that name."
        => "let seat = Seat { row: 3, number };";
    UNKNOWN_FIELD "unknown-field":
        "A struct has the fields that it declares, and no others. What is computed is a method, with brackets."
        => "struct Seat {\n    row: u32,\n}\nlet row = seat.row;";
    UNKNOWN_VARIANT "unknown-variant":
        "An enum has the variants that it declares, and no others. An Option is Some or None, a Result is Ok or Err."
        => "match attempt() {\n    Ok(value) => value,\n    Err(error) => panic!(\"{error}\"),\n}";
    OTHER_LANGUAGE "other-language":
        "Other languages have names that Rust does not have. There is no null, and numbers have their size in their type: i32, u64, f64."
        => "let age: u32 = 7;\nlet name: Option<String> = None;\nlet length = \"hello\".len();";
    SPLIT_SIGN "split-sign":
        "Signs such as => and :: are one sign of two letters. With a blank between the letters, they are two signs."
        => "match number {\n    0 => \"none\",\n    _ => \"some\",\n}";
    OTHER_QUOTES "other-quotes":
        "A text stands in straight double quotes. Web pages and word processors often have curved ones, and the compiler does not know them."
        => "let word = \"hello\";";
    COMMENT "comment":
        "A comment begins with // and goes to the end of the line. One that begins with /* goes on until */."
        => "let count = 0; // nobody is there yet";
    ATTRIBUTE "attribute":
        "An attribute stands in square brackets behind a #, above the function or the type that it is for."
        => "#[derive(Clone)]\nstruct Seat;";
    AWAIT_FORM "await-form":
        "`.await` stands behind what it waits for, as a field would, and without brackets."
        => "let line = lines.next().await;";
    SINGLE_QUOTES "single-quotes":
        "A text stands in double quotes. Single quotes hold one letter."
        => "let word = \"hello\";\nlet letter = 'h';";
    JSON_VALUES "json-values":
        "`json!` takes one value. Write a list of several values in `[ ]`, and an object in `{ }`."
        => "json!([\"sum\", 1, 2])";

    JSON_KEYS "json-keys":
        "json! is written as JSON is: each key is a text in quotes, then comes a colon, then the value. A name without quotes is a variable."
        => "json!({ \"name\": name, \"age\": 7 })";
    FUNCTION_NOT_CALLED "function-not-called":
        "A function's name alone means the function. The brackets after it, even empty ones, call it."
        => "let now = Instant::now();";

    // Names.
    TRAIT_NOT_IMPORTED "trait-not-imported" in 4 "`no method named send` or `next`.":
        "Some methods belong to a trait. You can call them only in a file that imports the trait with `use`."
        => "use std::io::Write; // write_all, flush";
    NAME_NOT_IMPORTED "name-not-imported" in 2 "``cannot find type `Path` in this scope``.":
        "A file knows a library's name only after `use` has imported it, or with its whole path before it."
        => "use std::collections::HashMap;";
    MACRO_NOT_IMPORTED "macro-not-imported":
        "A macro of a library, a name with a ! after it, needs an import like other names."
        => "use serde_json::json;";
    MACRO_BANG "macro-bang":
        "A macro writes code before the compiler reads it. The ! after its name tells it from a function."
        => "println!(\"hello\");";
    MISSPELT_NAME "misspelt-name":
        "The compiler compares names letter by letter. Capitals and underscores count."
        => "let browsers = 3;\nprintln!(\"{browsers}\");";
    UNKNOWN_NAME "unknown-name":
        "Declare a name before you use it: with `let`, as a parameter, with `fn`, or with `use`. Only its own function knows a variable."
        => "fn double(number: u32) -> u32 {\n    number * 2\n}";
    UNKNOWN_METHOD "unknown-method":
        "The type of a value says which methods it has. Another type may have another method of the same name, or no such method."
        => "let count = \"hello\".len();";
    MODULE_NOT_NAMED "module-not-named":
        "A file belongs to the program only if a `mod` line names it. The compiler begins with server.rs, and reads no other file by itself."
        => "mod door;\n\nuse door::SEATS;";
    PATH_WITHOUT_CRATE "path-without-crate":
        "In a module, a path begins with a library, with what the file itself has, or with `crate`. `crate` is the file where the program begins."
        => "use crate::settings::SETTINGS;";
    NO_MODULE_FILE "no-module-file":
        "`mod door;` in server.rs is the file door.rs beside it. Each module is named once; everywhere else `use` leads to it."
        => "mod door;\nmod pages;";
    PRIVATE_ITEM "private-item":
        "Without `pub`, only the module that declares a thing can use it. That holds for functions, structs and constants, and for each field and method of its own."
        => "pub struct Seat {\n    pub number: u32,\n}";
    UNKNOWN_CRATE "unknown-crate":
        "You can use only the crates that Cargo.toml lists. The steps need no others."
        => "use futures::StreamExt;";
    DEFINED_TWICE "defined-twice":
        "Two functions, types or imports of one file cannot have the same name."
        => "fn page() {}\nfn script() {}";
    OLDER_WARP "older-warp" in 1 "What is new":
        "Many pages on the web are about warp 0.3. The workshop uses warp 0.4: some functions have other names, and `serve` takes a listener with `incoming`."
        => "let listener = TcpListener::bind(\"127.0.0.1:8080\").await?;\nwarp::serve(routes).incoming(listener).run().await;";

    // Filters.
    CLOSURE_VALUES "closure-values":
        "`map`, `then` and `and_then` call their function with the values that the filters before them extract: one parameter for each value, and no others."
        => "warp::path!(\"hello\" / String).map(|name: String| format!(\"Hello, {name}!\"))";
    EXTRACTED_ORDER "extracted-order":
        "The values come in the order of the filters that extract them, and so do the parameters."
        => "warp::path!(\"add\" / u32)\n    .and(with_total)\n    .map(|number: u32, total: Total| total.add(number))";
    EXTRACTED_TYPE "extracted-type":
        "Each parameter of the function has the type of the value that the filter extracts. `warp::ws()` extracts a Ws, `header::optional` an Option, `path!` the types in it."
        => "warp::header::optional(\"user-agent\").map(|agent: Option<String>| agent.unwrap_or_default())";
    MAP_VALUE "map-value" in 1 "What is new":
        "Give `map` a function, not the value that the function returns: warp calls the function again for each request."
        => "warp::path(\"time\").map(|| \"It is noon.\")";
    MAP_ASYNC "map-async":
        "`map` sends what its function returns, at once. An async function returns a future: `then` waits for it, and `and_then` waits for a Result."
        => "warp::path(\"time\").then(|| async { \"It is noon.\" })";
    AND_THEN_RESULT "and-then-result" in 3 "What is new":
        "The function in `and_then` and `recover` is async and returns a Result: Ok with the answer, or Err with a rejection."
        => "async fn time() -> Result<impl Reply, Rejection> {\n    Ok(\"It is noon.\")\n}";
    NOT_A_FUTURE "not-a-future":
        "`then`, `and_then`, `recover`, `on_upgrade` and `spawn` wait for what their function returns, so it has to be a future: an async function, or a closure with an async block."
        => "ws.on_upgrade(|socket| async move { drop(socket) })";
    UNIFY_MISSING "unify-missing" in 3 "`expected a tuple with 1 element, found one with 2`, and the compiler speaks of `Either`.":
        "`a.or(b)` extracts an `Either`: it remembers which of the two filters has taken the request. `unify` forgets that."
        => "warp::post().or(warp::put()).unify()";
    BOXED_MISSING "boxed-missing" in 3 "``expected `BoxedFilter`, found `Recover` ``.":
        "Each combination of filters has its own type. `boxed` turns it into a `BoxedFilter`, a type that a function can name."
        => "fn time() -> BoxedFilter<(impl Reply,)> {\n    warp::path(\"time\").map(|| \"It is noon.\").boxed()\n}";
    NOT_A_REJECTION "not-a-rejection":
        "A filter that refuses a request does so with warp's `Rejection`, which holds a reason of yours. What may be a reason has the trait `Reject`."
        => "#[derive(Debug)]\nstruct Late;\nimpl warp::reject::Reject for Late {}\n\nErr(warp::reject::custom(Late))";
    NOT_PINNED "not-pinned":
        "A future that has been waited for may hold references into itself, so it must not move any more. `pin!` fixes it to its place."
        => "let mut bell = std::pin::pin!(time::sleep(second));\n(&mut bell).await;";
    TRAIT_FOR_TYPE "trait-for-type":
        "A trait says what a type can do. Where a type has to stand, `impl Trait` means one type that has the trait, and the compiler knows which."
        => "fn numbers() -> impl Iterator<Item = u32> {\n    1..4\n}";
    LET_ELSE "let-else-goes-on":
        "`let Some(name) = … else { … };` gives the lines below a name. If there is no value for it, those lines cannot run, so the else has to leave: with return, break or continue."
        => "let Some(first) = names.first() else {\n    return;\n};";
    TRAIT_METHOD "trait-method-differs":
        "Code that calls a method of a trait knows only what the trait says. So your method takes and returns the same types, with the same kind of self."
        => "impl Drop for Seat {\n    fn drop(&mut self) {}\n}";
    BRANCHES_DIFFER "branches-differ" in 9 "It does not compile: the arms of the `match` have different types.":
        "All branches of an `if` or a `match` have the same type, and so do all answers of one function."
        => "let word = match number {\n    1 => \"one\",\n    _ => \"many\",\n};";
    REJECTION_INFALLIBLE "rejection-infallible":
        "`Infallible` says that there is never an error; a filter that can refuse a request has the error `Rejection`. One cannot stand for the other."
        => "async fn found() -> Result<impl Reply, Rejection> {\n    Err::<&str, _>(warp::reject::not_found())\n}";
    ERROR_DIFFERS "error-differs":
        "`?` returns an error to the caller. It can change the error's type only if Rust knows how: with `From`, or with your `map_err`."
        => "let number = text.parse::<u8>().map_err(|_| warp::reject::not_found())?;";
    STATE_NOT_CLONE "state-not-clone" in 7 "What is new":
        "warp clones a route for each connection, and with it everything that the route's closures hold. With `Arc` a clone is cheap: one more handle to the same value."
        => "let total = Arc::new(Mutex::new(0));";
    NOT_A_REPLY "not-a-reply" in 1 "``the trait bound `(): Reply` is not satisfied``.":
        "What a handler returns has to be something that warp can send: a text, bytes, `warp::reply::html`, `warp::reply::json`."
        => "warp::path(\"answer\").map(|| 42.to_string())";

    // Ownership.
    MOVED_OUT "moved-out" in 7 "It does not compile: the closure only implements `FnOnce`, or `online` was moved, or is borrowed.":
        "The closure runs for every request, so it cannot give away what it holds: the second request would find nothing. Each run gives away a clone."
        => "let route = warp::path(\"sum\").map(move || {\n    let total = total.clone();\n    report(total)\n});";
    MOVE_MISSING "move-missing" in 7 "What is new":
        "A closure borrows what it uses. If the closure lives longer than the function that made it, it has to own these values: write `move`."
        => "tokio::spawn(async move { println!(\"{name}\") });";
    USED_AFTER_MOVE "used-after-move" in 5 "`value borrowed here after move`.":
        "A value has one owner. A call or a `move` gives it to a new owner, and the old one no longer has it. Lend it with &, or give a clone."
        => "send(name.clone());\nprintln!(\"{name}\");";
    MUT_MISSING "mut-missing":
        "You can change a variable only if you made it with `mut`, and a lent value only if it was lent with &mut. Reading from a socket changes it, too."
        => "let mut count = 0;\ncount += 1;";
    BORROWED_TWICE "borrowed-twice" in 8 "It does not compile: `socket` is borrowed twice.":
        "While a value is lent with &mut, nobody else may use it. A WebSocket can be split into two halves: one to send, one to read."
        => "let (mut outgoing, mut incoming) = socket.split();";
    ENDS_TOO_SOON "ends-too-soon":
        "A reference cannot outlive what it refers to. If you need the value for longer, own it: a String in place of a &str, a clone in place of a reference."
        => "fn shout(words: &str) -> String {\n    words.to_uppercase()\n}";

    // Async.
    AWAIT_OUTSIDE_ASYNC "await-outside-async":
        "Only an async function or an async block can wait with `.await`. A plain closure inside of an async function is not async itself."
        => "async fn greet(socket: &mut WebSocket) {\n    let _ = socket.send(Message::text(\"hello\")).await;\n}";
    AWAIT_MISSING "await-missing":
        "A call of an async function only returns a future. `.await` runs the future, waits for it, and gives its value."
        => "let listener = TcpListener::bind(\"127.0.0.1:8080\").await;";
    AWAIT_TOO_MUCH "await-too-much":
        "`.await` waits for a future. You cannot await a value that is there at once."
        => "let all = everyone.receiver_count();";
    GUARD_OVER_AWAIT "guard-over-await" in 7 "It does not compile: \"future cannot be sent between threads safely\".":
        "`lock` gives a guard: the others wait until you drop it. A task may go on in another thread after an `.await`, and a guard cannot go with it."
        => "let number = {\n    let guard = total.lock().unwrap();\n    *guard\n};\nsend(number).await;";
    NOT_SEND "not-send":
        "tokio runs tasks on several threads, so what a task holds over an `.await` has to be able to change threads. `Rc`, `RefCell` and plain pointers cannot; `Arc` and `Mutex` can."
        => "let shared = Arc::new(Mutex::new(Vec::new()));";
    CALL_FOR_FUNCTION "call-for-function" in 4 "What is new":
        "To let somebody else call a function, give its name without brackets. With brackets, you call it here and now."
        => "warp::path(\"time\").then(time)";
    MAIN_RUNTIME "main-runtime":
        "Async code needs a runtime that runs it. `#[tokio::main]` above an `async fn main` starts one; both words are needed."
        => "#[tokio::main]\nasync fn main() {}";

    // Types.
    VALUE_AND_TEXT "value-and-text" in 6 "What is new":
        "A JSON `Value` may be a text, a number, a list or an object. `as_str` and the pattern `Value::String(text)` give the text in it, if it is one."
        => "if let Value::String(name) = &event[0] {\n    println!(\"{name}\");\n}";
    STRING_AND_STR "string-and-str" in 6 "`expected &str, found String`, or the other way round, in a pattern.":
        "A `String` owns its text, and a `&str` borrows one. `&text` or `text.as_str()` lends it; `text.to_string()` makes a text of your own."
        => "let owned: String = \"hello\".to_string();\nlet lent: &str = &owned;";
    REFERENCE_MISSING "reference-missing":
        "A parameter with & takes a reference: the caller lends the value with & and keeps it. Without &, the caller gives the value away."
        => "fn length(words: &String) -> usize {\n    words.len()\n}\nlength(&words);";
    MATCH_LEAVES_OUT "match-leaves-out":
        "A `match` needs an arm for every possible case. `_` takes all the cases that are left."
        => "match number {\n    0 => \"none\",\n    _ => \"some\",\n};";
    PATTERN_WITHOUT_VALUE "pattern-without-value":
        "A variant that holds a value has brackets in its pattern, too: a name for the value, or _ if you do not need it."
        => "match event {\n    Event::Move(_) => relay(event),\n    Event::End => {}\n}";
    VALUE_PATTERN "value-pattern" in 6 "What is new":
        "A pattern has the type of the value that you match. A text alone is not a pattern for a JSON `Value`: match on its `as_str()`, or write Value::String(text)."
        => "match event[0].as_str() {\n    Some(\"hello\") => greet(),\n    _ => {}\n}";
    QUESTION_MARK "question-mark":
        "`?` returns early from its function with the error, so that function has to return a Result, or an Option for an Option."
        => "fn port() -> Result<u16, ParseIntError> {\n    let port = \"8080\".parse()?;\n    Ok(port)\n}";
    MUTEX_NOT_LOCKED "mutex-not-locked" in 7 "What is new":
        "`lock` leads to the value inside a `Mutex`, and `unwrap` takes it out of the Result. `*` before it means the value itself."
        => "*visits.lock().unwrap() += 1;";
    COMPARED_REFERENCE "compared-reference":
        "You can compare a value with a value, and a reference with a reference. `*` reads what a reference refers to, and & makes a reference."
        => "names.iter().filter(|name| **name == \"Ada\")";
    IF_WITHOUT_ELSE "if-without-else":
        "If you use the value of an `if`, it needs an `else`: otherwise there is no value when the condition is false."
        => "let word = if number == 1 { \"one\" } else { \"many\" };";
    VALUE_DROPPED "value-dropped":
        "The last expression of a block, without a semicolon, is its value. A semicolon throws the value away."
        => "fn double(number: u32) -> u32 {\n    number * 2\n}";
    VALUE_MISSING "value-missing":
        "A function that promises a value returns one at each of its ends: by its last expression, or by `return`."
        => "fn find(number: u32) -> Option<u32> {\n    if number > 2 {\n        return Some(number);\n    }\n    None\n}";
    ARGUMENT_COUNT "argument-count" in 7 "Your tasks":
        "A call gives one argument for each parameter, in their order. A method's `self` is the value before the dot."
        => "fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\nadd(1, 2);";
    NO_TEXT_FORM "no-text-form":
        "`{}` prints a type's text for people, and `{:?}` its text for programmers. Some types have neither."
        => "println!(\"{message:?}\");";

    TYPE_DIFFERS "type-differs":
        "A value has one type, and Rust never changes it by itself. If you need another type, a function or a method converts the value."
        => "let length: usize = \"4\".parse().unwrap_or(0);";
    RETURN_TYPE_MISSING "return-type-missing":
        "A function says after -> which type it returns. Without an arrow it returns nothing, ()."
        => "fn double(number: u32) -> u32 {\n    number * 2\n}";
    NOT_AN_ITERATOR "not-an-iterator":
        "`for` goes through values that are all there: a list, a range. To wait for values that come one by one, use `while let` and `.await`."
        => "while let Some(line) = lines.next().await {\n    println!(\"{line}\");\n}";
    NO_OPERATOR "no-operator":
        "An operator works only for certain types: + for numbers, or for a String and a &str. For everything else there are methods."
        => "let address = format!(\"{host}:{port}\");";
    SHARED_STATIC "shared-static":
        "All threads share a static, and it exists before the program runs. It is safe to change a Mutex or an atomic in it."
        => "static VISITS: Mutex<u32> = Mutex::new(0);\n*VISITS.lock().unwrap() += 1;";

    // Files that are not programs.
    NOT_UTF_8 "not-utf-8":
        "A program is text in UTF-8. The compiler does not read other encodings, such as Latin-1 or UTF-16."
        => "println!(\"naïve\"); // saved as UTF-8";
    BROKEN_MANIFEST "broken-manifest":
        "Cargo.toml says what cargo builds, and from which crates. It is a list of keys and values; the steps need no change in it."
        => "[dependencies]\nfutures.workspace = true";

    // What the starters invite.
    TODO_TYPE "todo-type":
        "A `todo!()` stands for a value of any type. If nothing else says which type, the compiler cannot go on."
        => "let name: String = todo!();";
    TYPE_UNKNOWN "type-unknown":
        "Some functions can return several types. Write the one that you want after the variable's name, or between ::< and >."
        => "let numbers: Vec<u32> = text.split(' ').map(count).collect();";
}

/// The kind with this id.
pub fn named(id: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.id == id).copied()
}
