//! The forms of rustc's prose that causes are found by, where its structured fields do not say it: all of them, here alone.
//!
//! Types are named nowhere but in the compiler's sentences, so some sentences have to be known. They may change with each
//! compiler: a trial holds that each of these forms is still met by a wrong program, and says what to do where one is not.

/// A sentence with gaps, `{}`.
#[derive(Debug, Clone, Copy)]
pub struct Form<const N: usize>(pub &'static str);

impl<const N: usize> Form<N> {
    /// What stands in the gaps of a text that has this form from beginning to end.
    pub fn of<'a>(&self, text: &'a str) -> Option<[&'a str; N]> {
        fill(self.0, text)?.try_into().ok()
    }

    /// Whether a text begins with it; for a form without gaps.
    pub fn is_in(&self, text: &str) -> bool {
        text.contains(self.0)
    }
}

fn fill<'a>(form: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = form.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let parts: Vec<&str> = parts.collect();
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let at = match (part.is_empty(), is_last) {
            (true, true) => rest.len(),
            (true, false) => return None,
            (false, true) => rest.strip_suffix(part)?.len(),
            // Before the last gap from behind: a type may hold what stands between two gaps.
            (false, false) if index + 2 == parts.len() => {
                rest.strip_suffix(parts[index + 1])?.rfind(part)?
            }
            (false, false) => rest.find(part)?,
        };
        found.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    (rest.is_empty() || !parts.is_empty()).then_some(found)
}

/// Declares the forms, and a list of all.
macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $gaps:literal: $form:literal;)*) => {
        $($(#[$doc])* pub const $name: Form<$gaps> = Form($form);)*

        /// Every form, by its name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $form)),*];
    };
}

/// The forms of warnings, which no program that is refused brings about.
pub const IN_WARNINGS: &[&str] = &["LAZY_FUTURE"];

/// Whether a text is of this form, as [`Form::of`] or [`Form::is_in`] would find it.
pub fn is_met(form: &str, text: &str) -> bool {
    match form.contains("{}") {
        true => fill(form, text).is_some(),
        false => text.contains(form),
    }
}

forms! {
    /// The last message of all: it only counts the others.
    ABORTING 0: "aborting due to";

    // The text's shape.
    /// A bracket that is open at the end of the file.
    UNCLOSED 0: "this file contains an unclosed delimiter";
    /// A bracket that another kind of bracket closes.
    MISMATCHED 1: "mismatched closing delimiter: `{}`";
    /// A bracket that closes nothing.
    UNEXPECTED 1: "unexpected closing delimiter: `{}`";
    /// Where it was opened.
    OPENED 0: "unclosed delimiter";
    /// Where it was opened, by the indentation.
    OPENED_BY_INDENT 0: "this delimiter might not be properly closed";
    /// The bracket that closes too much.
    NEVER_OPENED 1: "missing open `{}` for this delimiter";
    /// A semicolon that is missing.
    SEMICOLON 1: "expected `;`, found {}";
    /// More places than values, or fewer.
    FORMAT_COUNT 2: "{} in format string, but {}";
    /// A value without a place.
    FORMAT_UNUSED 0: "argument never used";
    /// A value that the text names already.
    FORMAT_REDUNDANT 0: "redundant argument";
    /// A format that is no text.
    FORMAT_NOT_TEXT 0: "format argument must be a string literal";
    /// A brace that is not closed in a format.
    FORMAT_BRACE 1: "invalid format string: {}";

    /// A text in the quotes of a letter.
    LONG_LETTER 0: "character literal";
    /// A macro that is given what none of its rules takes.
    NO_RULES 1: "no rules expected {}";
    /// `++` and `--`.
    NO_INCREMENT 2: "Rust has no {} {} operator";

    /// A comment for a function or a type, and behind it something else.
    DOCUMENTS_NOTHING 0: "expected item after doc comment";
    /// The same of an attribute.
    BELONGS_TO_NOTHING 0: "expected item after attributes";
    /// An attribute of the whole file, above a function.
    INNER_ATTRIBUTE 0: "an inner attribute is not permitted";
    /// Several values without a place.
    FORMAT_UNUSED_MANY 0: "multiple unused formatting arguments";
    /// A program without `main`.
    NO_MAIN 1: "`main` function not found in crate `{}`";
    /// A function among the fields of a struct.
    FUNCTION_IN_STRUCT 0: "functions are not allowed in struct definitions";
    /// A function that a type does not have.
    NO_FUNCTION_OF 3: "no function or associated item named `{}` found for {} `{}` in the current scope";
    /// A > too many.
    ANGLE_TOO_MANY 0: "unmatched angle bracket";
    /// `impl for Name`.
    NO_TRAIT 0: "missing trait in a trait impl";
    /// `*Name` as a type.
    RAW_POINTER 0: "keyword in raw pointer type";
    /// A type whose size nobody knows.
    UNSIZED 1: "the size for values of type `{}` cannot be known at compilation time";
    /// A list's brackets behind what is no list.
    NO_INDEX 1: "cannot index into a value of type `{}`";
    /// `include_dir!` of a folder that is not there.
    MACRO_PANICKED 0: "proc macro panicked";
    /// A condition without its block.
    NO_BLOCK 0: "expression is missing a block after the condition";
    /// A macro that is given too little.
    MACRO_ENDS 0: "unexpected end of macro invocation";
    /// `let mut (a, b)`.
    MUT_OF_SEVERAL 0: "`mut` must be attached to each individual binding";
    /// A number with letters behind it.
    NUMBER_SUFFIX 2: "invalid suffix `{}` for {}";
    /// Arguments with names.
    NAMED_ARGUMENTS 0: "or `fn` call arguments";
    /// A parameter with a value.
    PARAMETER_DEFAULT 0: "parameter defaults are not supported";
    /// A field with a value.
    FIELD_DEFAULT 0: "default values on fields are experimental";
    /// A variant with another number of values.
    VARIANT_TAKES 2: "enum variant takes {} but {} supplied";
    /// Parameters between < and >.
    EXPECTED_TRAIT 0: "expected a trait, found type";
    /// Another arrow, or a colon, before the type that a function returns.
    RETURN_ARROW 0: "return types are denoted using `->`";
    /// A variable that another word declares.
    NO_DECLARATION 0: "invalid variable declaration";
    /// An arm that ends with a semicolon.
    ARM_WITHOUT_BRACES 0: "`match` arm body without braces";
    /// An arm without a comma, in front of another one.
    COMMA_OF_ARM 0: "expected `,` following `match` arm";
    /// A value behind a format, without a comma.
    COMMA_EXPECTED 1: "expected `,`, found {}";
    /// One colon in a path.
    PATH_COLONS 0: "path separator must be a double colon";
    /// A dot behind the name of a type or a crate.
    NO_VALUE 2: "expected value, found {} `{}`";
    /// The arrow of other languages before a method.
    ARROW_OF_A_MEMBER 0: "is not valid syntax for field accesses";
    /// A < that opens no list of types.
    CHAINED 0: "comparison operators cannot be chained";
    /// A `for` that does not say where it goes.
    FOR_IN_MISSING 0: "missing `in` in `for` loop";
    /// A `for` with brackets.
    FOR_BRACKETS 0: "unexpected parentheses surrounding `for` loop head";
    /// A condition without a block.
    BRACE_EXPECTED 1: "expected `{`, found {}";
    /// `and` and `or`.
    NO_LOGIC 1: "`{}` is not a logical operator";
    /// `===` and the like.
    NO_COMPARISON 1: "invalid comparison operator `{}`";
    /// `a ? b : c`.
    NO_TERNARY 0: "Rust has no ternary operator";
    /// A closure with one bar.
    BAR_EXPECTED 0: "or `|`, found";
    /// A struct that is called.
    NO_FUNCTION 2: "expected function, tuple struct or tuple variant, found {} `{}`";
    /// Fields without the name of a struct.
    NO_STRUCT_NAME 0: "struct literal body without path";
    /// A field that a struct does not have, where its value is made.
    NO_FIELD_NAMED 2: "struct `{}` has no field named `{}`";
    /// The same, where it is read.
    NO_FIELD 2: "no field `{}` on type `{}`";
    /// A sign that is none of Rust's.
    UNKNOWN_SIGN 1: "unknown start of token: {}";
    /// A comma between two patterns.
    COMMA_IN_PATTERN 0: "unexpected `,` in pattern";
    /// A dot in a pattern.
    NO_PATTERN 0: "expected a pattern, found an expression";
    /// An attribute in other brackets.
    ATTRIBUTE_BRACKETS 0: "wrong meta list delimiters";
    /// An attribute that is not there.
    NO_ATTRIBUTE 1: "cannot find attribute `{}` in this scope";
    /// The same, of a trait that is derived.
    NO_DERIVE 1: "cannot find derive macro `{}` in this scope";
    /// A letter directly before a text.
    UNKNOWN_PREFIX 1: "prefix `{}` is unknown";
    /// An & between two values, as if it were an operator.
    NO_AND 2: "no implementation for `{} & {}`";
    /// `await` before what it waits for, or as a method.
    AWAIT_FORM 0: "incorrect use of `await`";

    // Names.
    /// A type that is not there.
    NO_TYPE 1: "cannot find type `{}` in this scope";
    /// A variant that is not there.
    NO_VARIANT 2: "no variant or associated item named `{}` found for enum `{}` in the current scope";
    /// A macro that is not there.
    NO_MACRO 1: "cannot find macro `{}` in this scope";
    /// A crate that is not there.
    NO_CRATE 1: "use of unresolved module or unlinked crate `{}`";
    /// A name that a module does not have.
    NOT_IN 2: "no `{}` in {}";
    /// A method that a type does not have.
    NO_METHOD 3: "no method named `{}` found for {} `{}` in the current scope";
    /// The type that it was looked for in.
    NOT_FOUND_IN 1: "method not found in `{}`";
    /// A method whose conditions are not met.
    BOUNDS 3: "the method `{}` exists for {} `{}`, but its trait bounds were not satisfied";
    /// A condition that is not met.
    UNMET 1: "doesn't satisfy `{}`";

    /// A line `mod` without a file.
    NO_MODULE_FILE 1: "file not found for module `{}`";
    /// An `else` that does not leave.
    LET_ELSE 0: "`else` clause of `let...else` does not diverge";
    /// Where a part of a value has moved to.
    PART_MOVED 0: "value partially moved here";
    /// A method that its trait declares in another way.
    TRAIT_METHOD 1: "method `{}` has an incompatible type for trait";
    /// What a file imports, and another file would import from there.
    PRIVATE_IMPORT 2: "{} import `{}` is private";
    /// A field that only the struct's own module may use.
    PRIVATE_FIELD 3: "field `{}` of {} `{}` is private";

    // Filters.
    /// A closure of another number of values.
    ARITY 3: "{} is expected to take {}, but it takes {}";
    /// What a filter's function is given.
    FUNC 2: "required for `{}` to implement `warp::generic::Func<{}>`";
    /// What a function is given, and what it takes.
    SIGNATURE 4: "expected {} signature `fn{} -> _`\n   found {} signature `fn{} -> _`";
    /// A type that does not have a trait.
    BOUND 2: "the trait bound `{}: {}` is not satisfied";
    /// The same, of something that a closure holds.
    BOUND_WITHIN 3: "the trait bound `{}: {}` is not satisfied in `{}`";
    /// A future of another value.
    RESOLVES 3: "expected `{}` to be a future that resolves to `{}`, but it resolves to `{}`";
    /// Something that is awaited and is no future.
    NO_FUTURE 1: "`{}` is not a future";
    /// What a trait's type should be.
    RESOLVING 2: "type mismatch resolving `{} == {}`";
    /// An error that `?` cannot change into another.
    NO_FROM 1: "`?` couldn't convert the error to `{}`";
    /// The same, where the function's error is made of whatever has a trait.
    NO_FROM_BOUND 2: "`?` couldn't convert the error: `{}: {}` is not satisfied";
    /// The error that it is.
    NO_FROM_TYPE 2: "this can't be annotated with `?` because it has type `Result<{}, {}>`";

    // Ownership.
    /// A closure that can be called once.
    ONCE 1: "closure is `FnOnce` because it moves the variable `{}` out of its environment";
    /// Why a value moves.
    MOVES 2: "move occurs because `{}` has type `{}`, which does not implement the `Copy` trait";
    /// Where it has moved to.
    MOVED_HERE 0: "value moved here";
    /// The next round of a loop wants what the last one gave away.
    MOVED_IN_LOOP 0: "in previous iteration of loop";
    /// The next round of a loop wants what the last one has lent and not got back.
    LENT_IN_LOOP 0: "in the previous iteration of the loop";
    /// A parameter that is only lent.
    LENT 1: "`{}` is a reference that is only valid in the function body";

    /// A static that can be changed.
    MUTABLE_STATIC 0: "use of mutable static";
    /// A function that runs only with the program.
    IN_STATICS 1: "cannot call non-const {} in statics";

    // Async.
    /// The function or closure around an `await`.
    NOT_ASYNC 0: "this is not `async`";
    /// A function that has to be async.
    ASYNC_MISSING 0: "the `async` keyword is missing from the function declaration";
    /// A future that stays on its thread.
    NOT_SEND 0: "future cannot be sent between threads safely";
    /// Why it does.
    NOT_SEND_TYPE 1: "has type `{}` which is not `Send`";
    /// The same, of a value.
    NOT_SEND_VALUE 1: "`{}` cannot be sent between threads safely";
    /// A function that was called in place of being named.
    NOT_A_CLOSURE 2: "expected a `{}` closure, found `{}`";

    /// A future that is made and dropped.
    LAZY_FUTURE 0: "futures do nothing unless you `.await` or poll them";

    /// What is to be answered with, of which a part is no reply.
    REPLY_OF 1: "required for `{}` to implement `Reply`";

    // Types.
    /// A variant with a value, where a pattern without one stands.
    TUPLE_VARIANT 1: "expected unit struct, unit variant or constant, found tuple variant `{}`";
    /// A variant with a value, where a pattern would give its name to something else.
    SHADOWS 0: "match bindings cannot shadow tuple variants";
    /// `main` with parameters.
    MAIN_ARGUMENTS 0: "the main function cannot accept arguments";
    /// A constant without a type.
    NO_CONST_TYPE 1: "missing type for `{}` item";
    /// A list's pattern for something else.
    NOT_A_LIST 1: "expected an array or slice, found `{}`";
    /// Several arguments of other types.
    ARGUMENTS 0: "arguments to this";
    /// A type without `==`.
    NO_EQUALS 1: "binary operation `==` cannot be applied to type `{}`";
    /// Two types without a division between them.
    CANNOT_DIVIDE 2: "cannot divide `{}` by `{}`";
    /// Two types without a multiplication between them.
    CANNOT_MULTIPLY 2: "cannot multiply `{}` by `{}`";
    /// Two types without a subtraction between them.
    CANNOT_SUBTRACT 2: "cannot subtract `{}` from `{}`";
    /// A future that is polled and may be moved.
    NOT_UNPIN 0: "cannot be unpinned";
    /// A type that holds others, without them.
    NO_GENERICS 2: "missing generics for {} `{}`";
    /// A collection of other things than those that come.
    NO_COLLECTION 2: "a value of type `{}` cannot be built from an iterator over elements of type `{}`";
    /// Two types without a `+` between them.
    CANNOT_ADD 2: "cannot add `{}` to `{}`";
    /// A type without an operator that changes it.
    CANNOT_CHANGE 2: "binary assignment operation `{}` cannot be applied to type `{}`";
    /// What `for` cannot go through.
    NO_ITERATOR 1: "`{}` is not an iterator";
    /// What was wanted, and what is there.
    EXPECTED 2: "expected {}, found {}";
    /// What is matched.
    HAS_TYPE 1: "this expression has type `{}`";
    /// Branches of several types.
    ARMS 0: "arms have incompatible types";
    /// The same of an if.
    IF_ELSE 0: "`if` and `else` have incompatible types";
    /// The first of two.
    FOUND_EARLIER 1: "this is found to be of type `{}`";
    /// Cases that a match leaves out.
    NOT_COVERED 1: "pattern{} not covered";
    /// A question mark in a function that returns neither of the two.
    QUESTION 0: "the `?` operator can only be used";
    /// Something that `?` makes no sense of.
    NO_TRY 0: "the `?` operator can only be applied to values that implement `Try`";
    /// Things that cannot be compared.
    NO_COMPARING 2: "can't compare `{}` with `{}`";
    /// Things that cannot be added, counted up and the like.
    NO_ASSIGNING 2: "binary assignment operation `{}` cannot be applied to type `{}`";
    /// The same, of two things.
    NO_OPERATION 2: "binary operation `{}` cannot be applied to type `{}`";
    /// Something that is no reference.
    NO_DEREF 1: "type `{}` cannot be dereferenced";
    /// Something without a text.
    NO_FORMAT 2: "`{}` doesn't implement `{}`";
    /// How many arguments a function takes.
    TAKES 3: "this {} takes {} but {}";
    /// An argument that is not there.
    ARGUMENT_MISSING 2: "argument{} of type `{}` is missing";
    /// What a function without a value gives.
    IMPLICIT_UNIT 0: "implicitly returns `()` as its body has no tail or `return` expression";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled() {
        assert_eq!(
            EXPECTED.of("expected `u8`, found `String`"),
            Some(["`u8`", "`String`"])
        );
        assert_eq!(EXPECTED.of("expected due to this"), None);
        assert_eq!(
            BOUND.of("the trait bound `&str: warp::generic::Func<()>` is not satisfied"),
            Some(["&str", "warp::generic::Func<()>"])
        );
        assert_eq!(
            NOT_SEND.of("future cannot be sent between threads safely"),
            Some([])
        );
        assert_eq!(NO_FUTURE.of("`&str` is not a future"), Some(["&str"]));
    }
}
