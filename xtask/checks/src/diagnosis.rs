//! The causes that a failed check can name, each in words for somebody who meets the idea for the first time.
//!
//! A diagnosis is given only where the evidence fits it. Where it does not, [`Diagnosis::Unknown`] says so: a wrong guess
//! costs a learner more than none.

use wire::position::Event;

/// Declares the diagnoses: the name in the code, the id in `--json` and in tests, the cause, and the one next action.
macro_rules! diagnoses {
    ($($name:ident $id:literal: $cause:literal => $next:literal;)*) => {
        /// What is most likely wrong with a program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Diagnosis { $(#[doc = $cause] $name,)* }

        impl Diagnosis {
            /// Every diagnosis there is.
            pub const ALL: &[Diagnosis] = &[$(Diagnosis::$name),*];

            /// The stable name, as in `--json`.
            pub fn id(self) -> &'static str {
                match self { $(Diagnosis::$name => $id),* }
            }

            /// The likeliest cause, as a sentence or two.
            pub fn cause(self) -> &'static str {
                match self { $(Diagnosis::$name => $cause),* }
            }

            /// The one thing to do next.
            pub fn next(self) -> &'static str {
                match self { $(Diagnosis::$name => $next),* }
            }
        }
    };
}

diagnoses! {
    // The program, before it is asked anything.
    FileMissing "file-missing":
        "A file of the step is not where it belongs: it was renamed, moved or deleted."
        => "Give it its name back, or take the one that came with the workshop: git checkout -- FILE, where FILE is the path above.";
    DoesNotCompile "does-not-compile":
        "The compiler does not accept the program, so there is nothing to check yet."
        => "Read the first error only; those after it are often its echoes. Then check again.";
    ExitsEarly "exits-early":
        "The program ended by itself. A server runs until it is stopped: if main returns, every task ends with it."
        => "See that main awaits the server, and read what the program printed before it ended.";
    FutureNotAwaited "future-not-awaited":
        "The program makes a future that nobody awaits, so what it stands for never happens. The compiler warns of that line."
        => "Open the file at that line, and wait for what is called there.";
    ArmNeverReached "arm-never-reached":
        "The arm of the match that is for this is never reached: one before it takes all that it would. The compiler warns of that line."
        => "Put the arm that takes more behind the one that takes less: the first that fits is the one that runs.";
    NeverUsed "never-used":
        "What is meant to answer here is written and never used, so for the program it does not exist. The compiler warns of that line."
        => "Open the file at that line, and use it where the routes are put together, or where the answer is sent.";
    SendResultIgnored "send-result-ignored":
        "A message for which there is no room at the moment is not sent: try_send says so in a Result, and nobody looks at it. The compiler warns of that line."
        => "Open the file at that line, and decide what happens to the message then: does the program wait until there is room?";
    Panicked "panicked":
        "The program panicked: an unwrap, an expect, an index or a panic! met what it did not expect."
        => "Open the file at that line, and ask what the value can be there.";
    PanickedInside "panicked-inside":
        "Code that the program calls panicked: it was given what it cannot take, or called when it must not be."
        => "Read what it says, find your calls into that library, and ask which of them can be reached with such a value, or after an error.";
    PathWithSlash "path-with-slash":
        "A warp::path(…) was given a slash, and panicked. It takes one part of a path, as it stands between two slashes."
        => "Look for the rule with the slash. The path / alone has a filter of its own; a longer path takes one filter for each of its parts.";
    BelowZero "below-zero":
        "A number went below zero: more was taken away than there was. A number without a sign cannot hold that, so a subtraction panics, and that of an atomic goes on from 18446744073709551615."
        => "Find the subtraction, and ask when it can be reached with nothing left: is the same thing taken away in two places, or is there nothing to begin with, as in an empty text?";
    TodoLeft "todo-left":
        "A todo!() is still there, and the program came to it."
        => "Open the file at that line and write what belongs there.";
    NeverListens "never-listens":
        "The program runs but accepts no connection. Either it never came to the line that serves, or something before it waits or loops for ever."
        => "Print a line before and after each step of main, and see which is the last that shows.";
    WrongPort "wrong-port":
        "The program listens, but not at the port that the variable PORT names."
        => "Look at the place where the program makes its address: the port comes from the variable PORT, and is 8080 only where PORT is not set.";
    WrongAddress "wrong-address":
        "The program listens at the right port of another address, so nobody who asks at 127.0.0.1 reaches it."
        => "Take the address from the variable HOST, and 127.0.0.1 where it is not set.";
    PortInUse "port-in-use":
        "The program wanted a port that another program holds, perhaps an older run of itself, and did not take the port that PORT names."
        => "Look at the place where the program makes its address: with the port from the variable PORT, an older run cannot be in the way.";

    // The greeting of step 1.
    NobodyAnswers "nobody-answers":
        "The port is open, and a request gets no answer: the program listens, but no server takes what comes."
        => "Look at the end of main: the server has to be given the listener, and main has to wait for the server.";
    RootNotFound "root-not-found":
        "The server answers, but it has no rule for the path /: the request gets a 404."
        => "Look at the path with which the rule begins. Which filter takes / alone?";
    RootNotOk "root-not-ok":
        "The server answers /, but with a status other than 200, which is the one that says: here is what you asked for."
        => "Look at what the rule replies: a text alone has the status 200 by itself. If the status is 405, the rule takes another method than GET.";
    GreetingWrongType "greeting-wrong-type":
        "The answer is not declared to be plain text, so a browser shows it as something that it is not."
        => "Look at how the answer is made. A text alone is declared as plain text; warp's replies for HTML and for JSON declare other types.";
    GreetingWithoutHello "greeting-without-hello":
        "The answer comes, and the word hello is not in it."
        => "Look at the place where the answer to / is made: the text there has to say hello.";
    LaterAnswerDiffers "later-answer-differs":
        "The first request gets the greeting, and a later one does not: the answer is used up, or something that lasts from one request to the next changes it."
        => "Look at the closure that makes the answer: it has to make a new one for each request, of nothing that an earlier request has changed.";

    // The routing rules.
    PageNotServed "page-not-served":
        "A request for / does not get the page: no rule takes it, or there is no file where the rule looks for it. A relative path is looked up in the folder that the program was started in."
        => "Look at the rule for /: does it take the path / alone? Then print the path of the file that it serves, and see whether the page is there.";
    PageBelowAFile "page-below-a-file":
        "A rule takes the request for /, and its file cannot be opened: the path goes on below a file, as exercises/02-static/server.rs/2.html would. A path names no file there."
        => "Look at the place where the path is made. The page's name has to take the place of the last part; join adds a part at the end.";
    PageRefusesGet "page-refuses-get":
        "The server knows the path /, and refuses to GET it: the rule asks for another method, or for two methods at once, which no request has."
        => "Look at the methods in the rule for /: it has to take GET or HEAD. Two filters that are combined with `and` take only what both take.";
    PageIsAnother "page-is-another":
        "A request for / is answered, but with something other than the step's page: a text of the program, or another file."
        => "Look at what the rule for / answers with: it has to be the page's file, which lies beside this server.rs.";
    PageWrongType "page-wrong-type":
        "The page comes, but is not declared to be HTML in UTF-8, so a browser may show its source, or wrong letters."
        => "Look at how the page is sent. A filter that serves a file declares HTML by itself; that it is UTF-8, a line of the page says, or the header.";
    PageOtherCharset "page-other-charset":
        "The page's letters are declared, or were saved, in another encoding than UTF-8, so a browser shows wrong ones. It believes the header first, and the page's <meta> where the header names none."
        => "Look for the encoding above where the program makes the header content-type, and in the <meta> of the page. If it is in neither, the editor saved the file so: save it as UTF-8.";
    PageReadOnce "page-read-once":
        "The page was edited, and the server goes on sending it as it was: it was read once, when the program was built (include_str!), when it started, or at the first request."
        => "Look at the place where the file is read: it has to be read for each request. A filter that serves a file does that by itself.";
    PageAtEveryPath "page-at-every-path":
        "The page comes at another path than / as well: the rule takes a request for any path."
        => "Look at how the rule begins: a filter for the path / alone comes first, as in step 1.";
    NoJqueryRoute "no-jquery-route":
        "No rule of the server answers a request for /jquery.js: it falls through to the 404 like any unknown path."
        => "Add the one exception to the routing rules: /jquery.js is served from static/. It stands before recover, which answers whatever comes to it.";
    JqueryWrongType "jquery-wrong-type":
        "/jquery.js is not declared to be JavaScript, and a careful browser does not run what is not."
        => "Look at the header content-type of the answer: it has to say that the file is JavaScript.";
    JqueryWrongFile "jquery-wrong-file":
        "/jquery.js answers, but with something other than static/jquery.js: another file, a part of it, or a page."
        => "Look at what the route sends: the file's bytes, as they are. Then see that no rule before this one takes the path.";
    JqueryNotForTheFirst "jquery-not-for-the-first":
        "A browser that has nothing yet asks for /jquery.js, and is told to keep what it has: a 304, without the file."
        => "Look at the case in which no if-none-match came: the answer to it is 200, and the file.";
    JqueryWantsAHeader "jquery-wants-a-header":
        "A plain request for /jquery.js is a bad one to this server: its rule wants a header that a browser without the file does not send."
        => "Look at the filter that reads the header. One of warp's filters refuses a request without it, and another gives an Option.";
    NoValidator "no-validator":
        "/jquery.js comes without a validator, so a browser that has it already can only fetch the whole file once more, at each visit."
        => "Send a header that changes when the file does: ETag, a text in quotes that is made of its bytes, or Last-Modified.";
    EtagWithoutQuotes "etag-without-quotes":
        "The ETag does not stand in double quotes, so to a proxy or a browser it is none."
        => "Look at the place where the header's value is made: the quotes are a part of it.";
    ValidatorChanges "validator-changes":
        "The validator is another one each time, though the file is the same: a browser never has the newest."
        => "Make it of the file's bytes alone: of no time, no random number and no counter.";
    ValidatorOfTheStart "validator-of-the-start":
        "The validator changes when the program starts anew, though the file is the same: it is made of something that belongs to one run, such as a time, a random number or an address. After each restart every browser fetches the file again."
        => "Look at what goes into the validator. A hash of the file's bytes alone is the same in every run. A time, a random number and a hasher with a random start are not.";
    ValidatorStays "validator-stays":
        "Another jquery.js has the same validator: it is a constant, or made of something that does not change with every byte, such as the name or the length. When the file changes, every browser that has the old one keeps it for ever."
        => "Look at what goes into the validator: all bytes of the file have to be in it.";
    TagComparedInPart "tag-compared-in-part":
        "A tag that only looks like the ETag gets a 304: one that begins, ends or goes on like it. A part of the two is compared, so a browser may keep another file for ever."
        => "Find the line that compares the two: starts_with, ends_with and contains compare a part.";
    TagComparedWithoutQuotes "tag-compared-without-quotes":
        "The browser sends back the tag as it came, in its quotes, and the program compares it with the bare text. The two are never equal."
        => "Print both sides of the comparison. The quotes, and a W/ before them, are a part of the tag.";
    RevalidationIgnored "revalidation-ignored":
        "The browser says which file it has, and gets the whole file all the same: nobody compares."
        => "Look for the place that reads the header if-none-match: where it equals the ETag, the answer is a 304 without a body.";
    ValidatorRefused "validator-refused":
        "The browser sends back the validator as it came, and the request is refused, as if the header could not be read."
        => "Look at the type that the header is read as: a tag is no number, and its quotes are a part of it.";
    NotModifiedUnsaid "not-modified-unsaid":
        "The browser says which file it has, the program finds it to be the same, and says so with another status than 304. An empty 200 or 204 is a new file to a browser, an empty one, and a 412 is a refusal."
        => "Look at the answer that leaves out the file: its status has to be 304.";
    AlwaysNotModified "always-not-modified":
        "A browser that has another file is told that it has the right one, and keeps the old one for ever: any validator gets a 304."
        => "Answer 304 only where what comes is equal to the ETag.";
    OldValidatorRefused "old-validator-refused":
        "A browser that has another file, an older one, does not get this one."
        => "Look at the case in which another validator came: the answer is the same as if none had come, 200 and the file.";
    JqueryHeadRefused "jquery-head-refused":
        "HEAD, the question for the headers alone, is not answered with them."
        => "Look at the methods that the route takes: HEAD has to be one of them, beside GET.";
    JqueryTakesAnyMethod "jquery-takes-any-method":
        "A POST gets the file as a GET does. What changes nothing is for GET and HEAD; warp::fs::file, and a path without a method, take any."
        => "Look at the filters of the route: one for the method is missing. The page's route has one.";
    SocketJsMissing "socket-js-missing":
        "/socket.js does not come as JavaScript, and the page's connect() is defined in it."
        => "Keep the route for /socket.js that the step began with.";
    RoutingRulesBroken "routing-rules-broken":
        "The routing rules give the wrong status: a path that no rule names gets 404, whatever the other rules say."
        => "Look at the function that recover is given: which status does it choose for a path that no rule knows?";
    PathNotAskedFirst "path-not-asked-first":
        "A path that no rule names does not get 404, because a rule refuses it for something else: it asks for the method or for a WebSocket before it asks for the path, or for no path at all."
        => "Look at the order of the filters in each rule: the path comes first, and then the method or the WebSocket.";
    UnknownPathFound "unknown-path-found":
        "A path that no rule names is answered with 200, as if something were there. A rule is too wide, or the page that says 404 is sent without the status 404."
        => "Look at the path of each rule: the rule for / takes / alone, a rule for one path ends with it, and no rule takes whatever comes. Then look at the status of the answer that recover gives.";
    ServedTwice "served-twice":
        "A file comes at a second path, beside its own. Each file has one path, and whatever else is asked for is a 404."
        => "Look for the rule that takes the path above: a folder that is served, a second rule for the same file, or a comparison that is too lenient.";
    NotFoundWithoutPage "not-found-without-page":
        "A path that no rule names gets the status 404, but no HTML page with it: a person sees an empty window or a bare line."
        => "Look at what the function that recover is given returns: it has to be a page. And .recover has to stand after the last rule.";
    AnyMethodAccepted "any-method-accepted":
        "A request that would change the page, a POST say, is answered as if it were a GET. warp::fs::file itself does not look at the method."
        => "Look at the rule for /: it needs a filter for the method, which takes GET and HEAD only.";
    WrongMethodNotToldApart "wrong-method-not-told-apart":
        "A wrong method on / is refused, but not with 405. The path is right and the method is not, and 405 is the status that says so."
        => "Look at the function that recover is given: a rejection can be asked for its reasons, and a wrong method is one of them.";
    HeadRefused "head-refused":
        "HEAD of / is not answered with 200 and an empty body. HEAD asks for the headers of a GET; what can be read can be asked about."
        => "Look at the methods in the rule for /: HEAD has to be one of them, beside GET.";
    DiskExposed "disk-exposed":
        "A file that no rule names can be read from outside: a whole folder is served where one file was meant."
        => "Serve files by name, each with its own path, and not a folder.";

    // The WebSocket.
    NoWebSocket "no-websocket":
        "A request for a WebSocket at /ws does not get one: no rule takes it, or another rule answers it first."
        => "Look at the rules that routes combines: one of them has to take /ws and upgrade the request, and it stands before .recover.";
    NoGreeting "no-greeting":
        "A client connects, and the server says nothing to it."
        => "Look at the beginning of `connected`: it sends the greeting, and waits until it is sent. A send that nobody waits for sends nothing.";
    GreetingWaits "greeting-waits":
        "The greeting comes only after the client has sent something. Somebody who greets speaks first."
        => "Send the greeting before the loop that reads, not in it.";
    OtherGreeting "other-greeting":
        "The server greets with other words. Programs talk to each other here, and to a program Hello is not hello."
        => "Look at the text that is sent: it has to be these five letters and nothing else.";
    BinaryGreeting "binary-greeting":
        "The greeting comes as a binary frame. A page gets that as a Blob, a box of bytes, and not as a text."
        => "Look at how the message is made: it has to be a text.";
    GreetedAgain "greeted-again":
        "A client is greeted more than once: a second time, or when it sends something, or when somebody else connects."
        => "Send the greeting once, before the loop that reads, to the client that has connected.";
    NotEachGreeted "not-each-greeted":
        "One client is greeted, and one that connects while it stays is not."
        => "See that `connected` greets each time it is called, and asks nothing that only the first client can pass.";
    PlainGetNotRefused "plain-get-not-refused":
        "A plain GET of /ws, which asks for no WebSocket, is not refused: some rule takes it."
        => "Look at the rules for /ws. The one that asks for a WebSocket refuses what asks for none; no other rule may take the path.";
    UpgradesElsewhere "upgrades-elsewhere":
        "Another path than /ws becomes a WebSocket, too. warp::path(\"ws\") takes every path that begins with /ws/, and without a path any request is taken."
        => "Look at the path of the rule: it has to take /ws, and nothing that goes on after it.";
    OneAtATime "one-at-a-time":
        "While one client is connected the server does not serve the next: it finishes with the first before it turns to another, or a lock is held for as long as a client stays."
        => "Let each client have a task of its own, and hold no lock across an .await.";
    HoldsItsThread "holds-its-thread":
        "What the program does for one client holds a thread, and all tasks share a few threads. When a few clients come at once, nobody else is served, not even a request that has nothing to do with them. std::thread::sleep does that, and so do a loop or a computation without an .await, a read that blocks, and a std lock that a line waits for while the same line holds it."
        => "Look at what waits or computes without .await, at the place above if there is one. tokio has a sleep of its own that is awaited, and so are its channels and its reads. A long computation belongs on a thread of its own.";
    ReadsOnAfterTheEnd "reads-on-after-the-end":
        "After a few clients have left, nobody is served any more, and the program works without a pause. Of a connection that is over, next() gives None at once, again and again: a loop that goes on then never waits, and keeps others from their turn."
        => "Look at the loop that reads: it has to end where next() gives no message any more.";
    NothingComesBack "nothing-comes-back":
        "A message is sent, and nothing comes back."
        => "Follow a message from the line that reads it to the line that sends: is it returned by `received`, and is what is returned sent?";
    GreetingStillSent "greeting-still-sent":
        "The server still greets. In this step whatever it says is an answer, so the greeting is taken for one."
        => "Look for the line that sends hello. In this step the loop stands in its place.";
    OneAnswerOnly "one-answer-only":
        "The first message comes back, and the second does not: the server stops reading after one."
        => "Look at the line that reads: it has to be a loop, which ends only where the connection has ended.";
    ComesBackChanged "comes-back-changed":
        "What comes back is not what was sent: something was added, removed or converted on the way."
        => "Send the message that came, and not a new one that is made of its text.";
    KindChanged "kind-changed":
        "What comes back is of the other kind: text was sent and binary comes, or binary was sent and text comes."
        => "Look at what is sent back. The message that came knows its kind; a new one has the kind of the function that made it.";
    ComesBackTwice "comes-back-twice":
        "One message comes back twice."
        => "See that one place answers a message, and not two.";
    BinaryUnanswered "binary-unanswered":
        "Text comes back, and a binary message does not."
        => "Look at how messages are told apart: what is asked there is true of a text only.";
    PingEchoed "ping-echoed":
        "A ping is answered with a message, too. warp hands pings to the program, but has answered them by itself."
        => "Look at which messages are answered: a ping is neither a text nor a binary message.";
    PingEnds "ping-ends":
        "After a ping the connection ends, or nothing is answered any more."
        => "Leave the loop only where send fails. That there is no answer to a ping is no reason: go on with the next message.";
    FramesLost "frames-lost":
        "Many messages are sent quickly, and some do not come back."
        => "See what happens to a message that comes while another is being answered: does it wait, or is it dropped?";
    FramesReordered "frames-reordered":
        "Messages come back in another order than they were sent in."
        => "Answer each in the loop that reads, before the next is read: tasks of their own overtake one another.";
    LimitTooSmall "limit-too-small":
        "A message that is no longer than 64 KiB, 65,536 bytes, ends the connection: the limit is lower than that."
        => "Look at the limits that the upgrade is given, for a message and for a frame: a message may fill one frame.";
    AnsweredToAll "answered-to-all":
        "What is meant for the sender alone goes to other clients, too."
        => "Send the answer on the socket that the message came from, and share nothing between clients.";
    NotEachItsOwn "not-each-its-own":
        "With several clients, one of them gets no answer, or that of another."
        => "Let all that belongs to one client live in `connected`: no static, no limit on how many run at a time.";
    PingUnanswered "ping-unanswered":
        "A ping gets no pong. warp answers pings by itself, but only while the program goes on reading the socket."
        => "See that the loop that reads a client's frames keeps running.";
    CloseUnanswered "close-unanswered":
        "A client that says goodbye with a close frame gets none back. warp answers it as long as the program reads on to the end of the stream."
        => "Send nothing in answer to the close frame and do not leave the loop there: read until the stream ends.";
    CloseNotWritten "close-not-written":
        "A client that says goodbye with a close frame gets none back. The library has made the answer, and the socket is dropped before it is written."
        => "When a close has been read, flush what the library has to say, and drop the socket only when the network has taken it.";

    // The events.
    ShoutUnanswered "shout-unanswered":
        "The event shout gets no answer, or only an error."
        => "Follow [\"shout\",\"hi\"] through `received`: is it parsed, is its name matched as a text, and is the answer returned?";
    StillAnEcho "still-an-echo":
        "The frame comes back as it was: that is the echo of step 5."
        => "Look at what `received` returns: the answer is a new event, and not the message that came.";
    ShoutNotUpper "shout-not-upper":
        "The answer has another text than the one that was sent, in upper case."
        => "Look at the place where the answer's text is made: it is the whole text that came, without its quotes, in upper case. What has no case stays as it is.";
    AnswerWrongShape "answer-wrong-shape":
        "There is an answer, and it is not the event: one array that holds the name \"shout\" and one text."
        => "Compare the answer with the contract in the README, bracket by bracket: the name first, then the text, and nothing around them.";
    ExtraArguments "extra-arguments":
        "A shout with more arguments than one is not answered as one with its text alone. A newer page may send more."
        => "Look at how many arguments the program asks for: it has to take the first, whatever follows it.";
    JsonByHand "json-by-hand":
        "The same event, written with other blanks and with escapes, is answered differently: the text seems to be taken apart by hand."
        => "Look at the place where the frame is taken apart: that is work for serde_json.";
    AnswerByHand "answer-by-hand":
        "What comes looks like an event and is no JSON, so it seems to be put together by hand. In JSON, names stand in quotes, and quotes, backslashes and line breaks inside a text are escaped."
        => "Look at the place where the event is put together: that is work for serde_json.";
    NoError "no-error":
        "A frame that is not an event, or a shout without a text, gets no error, so whoever sent it never learns of the mistake. A binary frame is no event, whatever it holds."
        => "Look at what `received` does where a frame is not an event, and where `shout` comes without a text: both have an answer in the contract.";
    ErrorWrongShape "error-wrong-shape":
        "There is an answer to what is not an event, and it is not one event `error` with a text."
        => "Compare the answer with the contract in the README: one array that holds two texts, and one answer.";
    UnknownAnswered "unknown-answered":
        "An event that the server does not know gets an answer. It may be for a server that is newer, so it is no mistake and no news."
        => "Look at what happens to a name that the server does not know: nothing is answered.";

    // Who is online.
    OnlineNotHandled "online-not-handled":
        "The server does not know the event: no line of the program mentions \"online\", so it is ignored like any unknown event."
        => "Add an arm for \"online\" where the events are told apart, beside the one for \"shout\".";
    OnlineUnanswered "online-unanswered":
        "The program mentions \"online\", and yet [\"online\"] is not answered with it. The event comes with no arguments: an arm that wants one does not match."
        => "Look at the arm: is its name spelled \"online\", does its pattern take no arguments, does it stand before the arm _, and does it return the answer?";
    OnlineNotANumber "online-not-a-number":
        "The answer comes, but its first argument is not a number."
        => "Look at the place where the answer is made: the number has to stay a number, and not become a text.";
    OnlineAnotherForm "online-another-form":
        "Something comes in answer to [\"online\"], and it is not the event: one array that holds the name \"online\" and one number. A page's socket.js looks for the name at the start of an array, and passes over everything else."
        => "Compare what came with the contract in the README, bracket by bracket: the name first, then the number, and nothing around them.";
    OnlineNotCounted "online-not-counted":
        "The number stays at 0: the server never counts up."
        => "Look at the place where a client connects: the number has to go up there, before the client's messages are read.";
    OnlineWithoutTheAsker "online-without-the-asker":
        "The one who asks is left out: one alone is told 0, one of two is told 1. Who asks is online, too."
        => "Count every client that is connected, the one that asks among them.";
    OnlineStartsWrong "online-starts-wrong":
        "One client alone is told another number than 1: the count does not begin at 0, or one client is counted more than once."
        => "Begin with 0, and add 1 in one place: where a client connects.";
    OnlinePerConnection "online-per-connection":
        "Each client is told 1: each connection has a number of its own, and counts only itself."
        => "Look at the place where the number is made: it has to be made once, outside of what runs for each connection.";
    OnlineCopied "online-copied":
        "Each client is told what the number was when it came. A number is copied where it is read, and a copy does not change."
        => "Look at what each connection is given: it has to be the handle, which is locked and read when the question comes.";
    OnlineToEveryone "online-to-everyone":
        "The answer goes to everybody. Only one has asked."
        => "Return it as the answer to the one who asks, as with \"shout\".";
    OnlineCountsTheGone "online-counts-the-gone":
        "A client that has left is still counted."
        => "See that a client's task ends when its stream of messages does, and that what counts it ends with it: take 1 away after the loop, or let its receiver be dropped there.";
    OnlineCountsTheVanished "online-counts-the-vanished":
        "A client that went without a close frame is still counted: the number goes down at a goodbye, and there was none. A cable is pulled, a message is refused, and the stream only ends."
        => "Let every way out of the loop lead to the one line that takes 1 away: no return, no ? before it, and no counting in the arm for a close.";
    OnlineCountedDownTwice "online-counted-down-twice":
        "One client has gone, and the number went down by more than one: it is taken away in two places, at the close frame and at the end, say."
        => "Take 1 away in one place: after the loop, where all ways out meet.";
    ListKeepsTheGone "list-keeps-the-gone":
        "A client that has gone is still in the list whose length is told: on the way that this one went, nothing takes it out. A goodbye is one way; a pulled cable, after which the stream only ends, is another."
        => "Look for the line that removes a client from the list, and ask which ways out of the loop lead to it: all of them have to.";
    NumberGivenTwice "number-given-twice":
        "Two clients have the same number, so one is taken for the other: a newcomer has got the number of one who is still there. A number that is made from the length of a list, or is a place in it, comes once more when somebody before it has gone, and a small number when it begins anew."
        => "Look at the line that gives a newcomer its number: it may never give one that somebody still has.";
    OnlineLosesCount "online-loses-count":
        "The number is not that of the clients. When many come or go at once some are not counted: the number is read in one step and written in another, and somebody else was in between."
        => "Look at the lines that change the number: it has to be read and written under one lock, which is not let go in between.";

    // What is said.
    SayNotHandled "say-not-handled":
        "The server does not know the event: no line of the program mentions \"say\", so it is ignored like any unknown event."
        => "Add an arm for \"say\" where the events are told apart, and send the event on to all the others.";
    SayNotRelayed "say-not-relayed":
        "The program mentions \"say\", and nothing that one client says comes out at another."
        => "Follow the event: does its arm match a text, does it send to the channel, and does each client's task receive from the channel and write to its socket? And has each client another number?";
    SayChanged "say-changed":
        "What is said arrives as something else: another text, or another form than [\"say\", text]."
        => "Look at the place where the event is sent on: its name, its form and its text stay as they came.";
    SayLost "say-lost":
        "Some of what is said does not arrive at a client that reads all the time."
        => "See that each client subscribes once, before its loop, that there is room for more than a few to wait, and that a client that has fallen behind goes on with what is left.";
    SayWithoutText "say-without-text":
        "A `say` without a text is not answered with an error."
        => "Add an arm for `say` that takes what the first one does not, and answer it as `shout` without a text is answered.";

    // The relay.
    EventNotHandled "event-not-handled":
        "The server does not know the event: no line of the program mentions \"spy\", so it is ignored like any unknown event."
        => "Add an arm for \"spy\" where the events are told apart, beside the one for \"say\".";
    NothingRelayed "nothing-relayed":
        "The event reaches the server, and nothing goes out to the other client."
        => "Follow the event from where \"spy\" is matched: does its arm match any two numbers, and does it send to the others?";
    EchoOnly "echo-only":
        "The event goes back to the one who sent it, and to nobody else: that is an echo, not a broadcast."
        => "Send it to every client but the sender, and not as the answer.";
    HearsItself "hears-itself":
        "The event goes to everyone, the sender among them. The sender knows what it sent; its page shows what the others send."
        => "Leave the sender out: compare each client's id with the sender's.";
    NotEveryone "not-everyone":
        "Some of the other clients hear it, and some do not."
        => "See that the event is sent to all the other clients, not to the first or the last of them, and that none is lost from the list.";
    LateJoinerMissed "late-joiner-missed":
        "A client that connects after the first event hears nothing: the list of those who listen seems to be made once."
        => "Look the clients up when an event comes, and add each client when it connects.";
    TwoValues "two-values":
        "x and y arrive as two values. The page's function takes one object that has both, so it finds no x in the number that it gets."
        => "Compare what goes down to the pages with the contract in the README. How many values stand behind the name?";
    WrongShape "wrong-shape":
        "The position arrives, but not as one object with the properties x and y."
        => "Compare what goes down to the pages with the contract in the README, bracket by bracket.";
    WrongEventName "wrong-event-name":
        "It arrives as an event of another name than it was sent under, and the page listens for that one."
        => "Look at the name under which the event is sent on: it is the one under which it came.";
    BinaryFrame "binary-frame":
        "The event arrives as a binary frame. A page gets that as a Blob and cannot parse it as text."
        => "Look at how the message is made: it has to be a text.";
    XYSwapped "x-y-swapped":
        "x arrives as y, and y as x."
        => "Compare the order of the arguments where the event is taken apart and where the object is made.";
    ValuesChanged "values-changed":
        "The position arrives changed: numbers are rounded, cut, or made into text on the way."
        => "Look at the type that the numbers have on the way: they have to go on as they came, fractions and all.";
    BecomesNull "becomes-null":
        "A value changes on the way: null arrives in place of what was sent. A conversion has failed: serde_json writes null for None, which is what as_i64() makes of a fraction, as_u64() of a negative number and as_str() of a number, and for a number that is none, NaN."
        => "Find the conversion between the event that comes and the one that is sent: the value has to go on as it came.";
    MovesLost "moves-lost":
        "Moves get lost: some of a person's, or the last one of a burst, and then the marker stays where the mouse no longer is."
        => "See what happens to a move that comes right after another: is there room for it to wait, and is the newest one kept?";
    Duplicated "duplicated":
        "What was sent once arrives more than once."
        => "See that a client is in the list once, and that one place sends, not two.";
    Reordered "reordered":
        "Events arrive in another order than they were sent in: words of a talk are mixed up, and a marker jumps back."
        => "Keep one path from a sender to a receiver: no task for each event, and first in, first out.";

    TooSlow "too-slow":
        "The program does what it is asked, and slowly: the figure is above. One hand that moves a mouse makes sixty moves a second, and what one message waits for, all messages behind it wait for, too."
        => "Look for what waits between two messages: a sleep, a timer, a task or a client that has to be done before the next message is read.";

    // What the world sends.
    MalformedCloses "malformed-closes":
        "A frame that is not an event ends a connection. Anybody can send anything; it should cost nobody a connection."
        => "Where parsing fails, skip that frame and go on reading, instead of returning or unwrapping.";
    UnknownCloses "unknown-closes":
        "An event that the server does not know ends a connection. A newer page may send events that an older server does not know."
        => "Look at what happens to a name that the server does not know: the event is left out, and the loop goes on.";
    StopsReading "stops-reading":
        "The connection lives, and the server reads nothing more of it: after this frame it does not even answer a ping. The code that serves this client waits for something that does not come, or it has left its loop and keeps the socket."
        => "Follow the frame from where it is read. At each .await, ask what it waits for, and who makes that happen.";
    LargeFrameTroublesOthers "large-frame-troubles-others":
        "After one client sends a very large frame, the others are no longer served."
        => "Look at the limits that the upgrade is given: what is too long has to be refused, and only its sender's connection ends.";
    LeaverBreaksOthers "leaver-breaks-others":
        "After one client has gone, the others hear nothing more: the way it went, or what was left of it in the list, stops the rest."
        => "Treat a close, an error and the end of the stream alike, and let a failed send to one client never end another's task.";
    StuckClientStalls "stuck-client-stalls":
        "A client that reads nothing holds up all the others: somebody waits until it takes its frames."
        => "Give each client a queue with a limit and a task that empties it; whoever puts in never waits.";

    // In the open.
    OnAllInterfaces "on-all-interfaces":
        "The program listens on every address of this machine, though HOST says 127.0.0.1: anybody in the same network can reach it."
        => "Bind to the address that the variable HOST names, and to 127.0.0.1 where it is not set.";
    OwnOriginRefused "own-origin-refused":
        "The server's own page is refused: its Origin is the scheme and the host that the request is for, and the rule does not find the two the same."
        => "Look at the comparison: the Origin is the scheme, http or https, and then what the header Host says, port and all.";
    NoOriginRefused "no-origin-refused":
        "A request without an Origin is refused. Browsers always send one with a WebSocket; a program of somebody's own has no page, and nobody's cookies."
        => "Look at the filter that reads the header: a request without it has to be let in.";
    ForeignOriginAccepted "foreign-origin-accepted":
        "Another site's page opens a WebSocket to this server, in the browser of whoever visits that site, and with the cookies of this one. The browser says so in the header Origin, and nobody looks at it."
        => "Look at the rule for /ws: before the upgrade it has to compare Origin with Host, and to refuse the request where they differ.";
    OriginComparedInPart "origin-compared-in-part":
        "Only a part of the Origin is compared: one that differs in its port, or that begins, ends or goes on like the right one, is let in. Anybody can register such a name."
        => "Look at the comparison: it has to be of the whole text, with the port, and from the first letter to the last.";
    RefusedTooLate "refused-too-late":
        "The request becomes a WebSocket, and only then is it refused: by that time the other side believes that it is in."
        => "Look at the place where the request is refused: that has to be before the upgrade, or in place of it.";
    RefusedWithAnotherStatus "refused-with-another-status":
        "The request is refused, but with another status than the one that says why: 403 for another site's page, 503 where all seats are taken."
        => "Look at how each reason is told apart where the status is chosen: each needs a rejection or a reply of its own.";
    NoSeatLimit "no-seat-limit":
        "More WebSockets are let in than MAX_CONNECTIONS. Each costs memory and a file descriptor, so the server ends when somebody has opened enough."
        => "Look at what comes before the upgrade: a seat has to be taken there, and where there is none the answer is 503. The task of the connection keeps its seat until it ends.";
    SeatNotGivenBack "seat-not-given-back":
        "Somebody has gone, and the seat is not free again: soon nobody gets in any more."
        => "Look at what holds the permit: the task has to keep it until it ends, however it ends, and it is given back there and not at the close frame alone.";
    SeatLostAtTheDoor "seat-lost-at-the-door":
        "Requests that were refused, or whose sender went before the upgrade, have taken seats, and nobody gives them back."
        => "Look at when the seat is taken: after all other rules have been asked. Then look at who holds it while the request is upgraded.";
    HalfRequestStays "half-request-stays":
        "A connection that never says its whole request stays open, and a few thousand of them are all that the system has."
        => "Look at how a connection is served: the head of a request needs a time, SETTINGS.patience, and the server needs a timer for it.";
    TrickleResetsTheClock "trickle-resets-the-clock":
        "A connection that says one letter now and then stays for ever: each letter starts the clock anew."
        => "Give one time to the whole head, and not one to each read.";
    HeldUpAtTheDoor "held-up-at-the-door":
        "While one connection has said half of its request, nobody else gets in: the loop that accepts waits for it."
        => "Look at the loop that accepts: each connection needs a task of its own, and the loop goes on.";
    LimitTooLow "limit-too-low":
        "A message of 4096 bytes is refused. That many are allowed."
        => "Look at the limit that the upgrade is given: a message of 4096 bytes has to fit.";
    HeadNotLimited "head-not-limited":
        "The head of a request may have as many bytes as its sender likes, up to the 400 KB that hyper takes unless it is told otherwise. Each connection may hold that much of our memory before it is anybody."
        => "Look at what hyper is told before it serves a connection: beside a time for the head, it takes a limit for what it keeps.";
    AnswersStay "unread-answers-stay":
        "A client asks many times and reads no answer. The next answer cannot be written, and the connection waits with it for ever, each a file of the server's."
        => "Look at the task that serves a connection: all of it needs a time, three times SETTINGS.patience. A WebSocket has left that task by then.";
    ConnectionsNotCounted "connections-not-counted":
        "Seats are counted, and connections are not: one that asks for no WebSocket costs a file as well, and there may be any number of them."
        => "Look at the loop that accepts: a place is taken before a connection, as a seat is before the upgrade, and is given back where the connection ends.";
    FilesRunOut "files-run-out":
        "There are more seats than files. Each connection is an open file, and when the last one is taken, nobody gets as far as to be refused: whoever comes next waits for an answer that never comes."
        => "Look at what MAX_CONNECTIONS becomes at the start: no more seats than there are files, less those that the program needs for itself and for HTTP.";
    FilesNotAskedFor "files-not-asked-for":
        "The program takes the number of files that it was started with for all that it may have. A shell gives a small one, often 1,024, and a larger one to whoever asks."
        => "Look at how the program learns how many files it may have: it has to raise its own limit, as far as the system allows.";
    TooLongTaken "too-long-taken":
        "A message of more than 4096 bytes is taken. All of it is held in memory until it is whole."
        => "Look at the limits that the upgrade is given, for a message and for a frame: both are 4096 bytes.";
    FragmentsNotCounted "fragments-not-counted":
        "A message that comes in several frames may be as long as it likes: only the length of each frame is limited."
        => "Look at the limits that the upgrade is given: there is one for a frame, and one for all frames of a message.";
    EndsWithoutGoodbye "ends-without-goodbye":
        "The connection ends without a close frame, so the other side cannot tell this from a bad network: it connects again, and does the same again."
        => "Look at each way out of the loop: a close frame with its code goes first: 1009 for too long, 1007 for no UTF-8, 1008 for too many.";
    WrongCloseCode "wrong-close-code":
        "The close frame comes, with another code than the one that says why: 1009 too long, 1007 no UTF-8, 1008 too many messages, 1001 the server ends."
        => "Look at what the error is, or at which line ends the loop, and say its code.";
    RateTooLow "rate-too-low":
        "A client that sends a hundred messages a second is slowed down or ended. 120 are allowed."
        => "Count for a second at least, and let 120 pass in it; EVENTS_PER_SECOND says how many.";
    FloodNotSlowed "flood-not-slowed":
        "One client's messages are read as fast as it sends them. Each costs work here, and at everybody whom it reaches."
        => "Do not read the next message before it is due: 120 a second, and a second's worth at once.";
    FloodThrownAway "flood-thrown-away":
        "Messages that come too fast are read and thrown away. Reading them is work as well, and the sender never learns that it is too fast."
        => "Do not read for a while instead: then TCP makes the sender wait, and nothing is lost.";
    FloodCutAtOnce "flood-cut-at-once":
        "A client that is too fast is ended at once. A network may hand over a second's messages in one moment, so it may be somebody honest."
        => "Slow it down first, and end it when it has been too fast for SETTINGS.patience without a break.";
    FloodNotCut "flood-not-cut":
        "A client that is too fast for longer than PATIENCE is slowed down, and stays: what it sends fills our memory and its own for ever."
        => "Remember when it last kept to its rate, and end it with 1008 when that is longer ago than SETTINGS.patience.";
    QuietTakenForAFlood "quiet-taken-for-a-flood":
        "A client that said nothing for longer than PATIENCE is ended with 1008 at its first word: all that time counts as if it had been too fast."
        => "Look whether it keeps to its rate when a message has come, not when you begin to wait for one: that may be long before.";
    BytesNotCounted "bytes-not-counted":
        "A message that begins and never ends is read for ever. The library hands over whole messages, so what counts those it hands over counts nothing here."
        => "Look where the bytes come in, below the library, where the connection is read: there they have to be counted.";
    ReadsWithoutEnd "reads-without-end":
        "While one client sends a message that never ends, nobody else is answered: the library reads on until it has a whole message, and the task keeps its core for as long as that takes."
        => "Look at what the library calls to read the socket: nothing in it awaits, so a turn of reading needs an end, and the others their turn.";
    FloodTroublesOthers "flood-troubles-others":
        "While one client floods, or when it is ended, another one's moves do not arrive any more, or it is ended as well."
        => "Count for each client alone, and wait in that client's task alone: nothing that all share is held meanwhile.";
    LastWordLost "last-word-lost":
        "A client that had fallen behind reads on, and its connection ends without the close frame that was meant for it: when the connection was dropped, the frame still waited behind what had not been read."
        => "Look at what follows the close frame: the other side has a second to hear it before the socket is dropped, and what waits before it has to be written in that second.";
    UnreadStays "unread-stays":
        "A client that does not read what is sent to it stays, and what waits for it with it."
        => "Look at all that writes to one client: it needs a time, SETTINGS.patience, and the connection ends when it is over.";
    QuietIsCut "quiet-is-cut":
        "A client that reads all there is, and only has nothing to say, is ended when PATIENCE is over."
        => "Put no time around the reading: who is quiet is asked with a ping. SETTINGS.patience is for what is written.";
    UnreadGrows "unread-grows":
        "What is sent to a client that does not read piles up in memory, and nothing limits it."
        => "Let a bounded number of messages wait for one client, and feed no more than some KiB before you flush.";
    NoPings "no-pings":
        "A client that says nothing is never asked whether it is still there. A laptop that was shut says no goodbye, and TCP alone notices after hours."
        => "Look at what happens while a client says nothing: after SETTINGS.ping_every it is asked, with a ping.";
    PongNotHeard "pong-not-heard":
        "A client that answers each ping is ended all the same. A pong is a message like any other to warp: the stream yields it."
        => "Take whatever comes for a sign of life, before you look at what it is.";
    SilentPeerStays "silent-peer-stays":
        "A client that answers no ping is still counted when two of them are unanswered."
        => "When it is time for the next ping and the last is unanswered, end the connection.";
    NoGoodbyeAtTheEnd "no-goodbye-at-the-end":
        "At Ctrl-C, those who are connected hear no close frame: to them it looks as if the network had broken."
        => "Look at what main waits for: Ctrl-C has to be a part of it. Then all tasks are told, each sends a close frame with 1001, and main returns when they have.";
    EndsTooLate "ends-too-late":
        "Two seconds after Ctrl-C the program still runs: it waits for somebody who does not answer, or for nobody."
        => "Give the goodbyes a time, one second and a half for all, and return from main then.";
    EndsAsAFailure "ends-as-a-failure":
        "The program ends at Ctrl-C, and says that it failed. Whoever starts it anew after a failure would do so now."
        => "Look at what main returns where Ctrl-C was the reason.";

    // The page.
    PageScriptError "page-script-error":
        "A script of the page stops with an error, and what stands after it does not run."
        => "Look in the page for what the error names. The browser's console (F12) shows the same error, and what led to it.";
    PageRequestFailed "page-request-failed":
        "The page asks for a file that the server does not have."
        => "Compare the address in the page with the server's routes.";
    PageWithoutJquery "page-without-jquery":
        "The page has no jQuery: $ is not defined when its script runs."
        => "Look at the scripts of the page: jQuery's own has to be one of them, before the page's.";
    NoJqueryHere "no-jquery-here":
        "The page uses $, a name of jQuery's, and there is no jQuery in this step: it comes with step 9. The script stops there."
        => "Write that line with the browser's own functions, as the lines around it are. The text of an element is its textContent.";
    PageNeverSends "page-never-sends":
        "The mouse moves, and the page sends nothing to the server."
        => "Look at line 47 of the page, inside the mousemove handler. It is yours to write.";
    PageSwapsXY "page-swaps-x-y":
        "The page sends y in the place of x, and x in the place of y."
        => "Compare the order in the line that sends with the contract's way up: x comes first.";
    PageSendsNoNumbers "page-sends-no-numbers":
        "The page sends two values for a position, and not both are numbers. A value in quotes is a text. null is what JSON makes of undefined and of NaN: a property that the event does not have, or a calculation that failed."
        => "Look at the line that sends: is each property spelled as in the comment above it, and does something make a text of it?";
    PageDropsMoves "page-drops-moves":
        "The page sends some moves of the mouse and leaves out others, the last one among them. So the marker stays where the mouse no longer is."
        => "Look for what keeps the page from sending: a time that has to pass first, a condition, a counter. What is held back has to be sent later, when nothing newer has come.";
    PageSendsTwice "page-sends-twice":
        "The page sends each move twice, so everybody else hears it twice."
        => "Look for a second line that sends, and for a second handler: mousemove and pointermove both come for one move of the mouse.";
    PageConnectsAgain "page-connects-again":
        "The page has more than one connection to the server. To the server each of them is another client, so the page hears on one what it has sent on another."
        => "Look for each place that connects: connect() or new WebSocket. It belongs outside of all handlers, once, and the rest of the page uses what it returned.";
    PageSendsWrong "page-sends-wrong":
        "The page sends something on a move, but not the event `spy` with the position, in the form that the server takes."
        => "Compare what line 47 sends with what the server takes. As the task has it, that is the name and two numbers.";
    PageClientCoordinates "page-client-coordinates":
        "The page sends coordinates of the window. On a page that is scrolled these are not those of the page."
        => "Look at the two properties of the event that line 47 sends: others of them count from the corner of the page.";
    PageNeverListens "page-never-listens":
        "The event arrives at the page, and no line of the page listens for it: nothing calls the function `spy`."
        => "The page has the function `spy`. Look for the line that would give the event to it.";
    MarkerNotMoved "marker-not-moved":
        "The event arrives at the page, and the marker is not where it says."
        => "Look at the function `spy`: it takes one object and sets left and top of #spy_marker, in px.";
    OwnMarkerMoves "own-marker-moves":
        "The marker follows the mouse of its own window. It shows where somebody else's mouse is."
        => "Move the marker in the function `spy` only, not in the mousemove handler.";
    PageDoesNotSay "page-does-not-say":
        "Somebody types into the page's field and presses Enter, and the page does not send it."
        => "Look at the form's submit handler: it has to send what the field holds.";
    PageDoesNotShow "page-does-not-show":
        "What somebody else says comes to the page, and the page does not show it."
        => "Look for the line that listens for `say`: it has to lead to a function that puts the text into the page.";
    PageCutsText "page-cuts-text":
        "What somebody else says comes to the page, and the page shows only a part of it."
        => "Follow the text from socket.on to the element that shows it: something on the way takes a piece, or has a limit.";
    PageShowsHtml "page-shows-html":
        "What somebody else says becomes a part of the page: text that looks like HTML is read as HTML. Whoever can talk can run a script in everybody's browser."
        => "Look at how the text comes into its element: innerHTML and .html() read it as HTML. Another property takes it as it is.";
    MarkerChanged "marker-changed":
        "The marker is not as it was given: the element spy_marker, 4 by 4 pixels, blue, absolutely positioned."
        => "Take the element and its style as they came: git diff shows what has changed.";

    // A crowd.
    UpgradeNotFound "upgrade-not-found":
        "A right request for a WebSocket is answered with 400: one of the filters asks for something that is not in the request, or not any more. warp::ws() takes the upgrade out of it."
        => "Look at the order of the filters: what reads the request comes before the one that takes the upgrade out of it.";
    WrongAccept "wrong-accept":
        "The answer is 101, and not that of a WebSocket: a client looks for three headers, compares one of them, Sec-WebSocket-Accept, with the hash of the key that it has sent, and otherwise gives up."
        => "Look at the answer's three headers. Sec-WebSocket-Accept is made of the key in this request, and of no other.";
    DefaultBuffer "default-buffer":
        "A connection on which nothing happens costs more than 100 KiB. That is the buffer into which the library reads: 128 KiB for each connection unless it is told otherwise, and warp has no way to tell it."
        => "Look at how a connection becomes a WebSocket: the size of the buffer is a part of the library's configuration, which you can give it if you take the upgrade yourself.";
    UserCostsMuch "user-costs-much":
        "A connection on which nothing happens costs more than 16 KiB, and less than the library's own buffer of 128 KiB."
        => "Look for what each connection has of its own: a buffer, a queue with room for many messages, hyper's read buffer. Make it smaller, or have it once for all.";
    CrowdNotReached "crowd-not-reached":
        "Few users all hear a move; of a crowd, some do not hear it."
        => "Look at what goes over all users: a loop that ends early, a list that has a limit, a lock that is tried once.";
    NewestLost "newest-lost":
        "One who fell behind reads again, and does not hear where everybody is now: the last position of somebody who has not moved since was lost with what was too old."
        => "Keep the newest position of each user beside the queue. One who has missed something hears these, and then only what was sent after them.";
    GoesBack "goes-back":
        "One who fell behind hears a newer position of somebody first, and an older one after it: the marker jumps back."
        => "Give it the positions in the order in which they were sent. Where those that you keep are the newest of all, nothing may follow them that was in the queue before.";
    SlowIsDropped "slow-is-dropped":
        "One who fell behind for a moment is disconnected, though PATIENCE is not over."
        => "Let it miss what is outdated instead, and end the connection only when it takes nothing for PATIENCE.";
    FramesMixed "frames-mixed":
        "What arrives at one who fell behind is no sequence of frames: where the network took only the beginning of a frame, another one was written before its rest."
        => "Keep the rest of a frame that was cut, and write it before anything else, answers and pongs included.";
    AnswerLost "answer-lost":
        "What one who fell behind has asked is not answered when it reads again."
        => "Answers are not outdated by newer ones: keep them until the network takes them.";
    MovesPileUp "moves-pile-up":
        "While everybody moves, the moves that somebody does not read pile up in the server's memory."
        => "A position is outdated by the next one of the same user: keep the newest of each, once for all who are behind.";
    // Several endpoints, and a backplane between them.
    OneEndpointOnly "one-endpoint-only":
        "A move reaches the others of its own endpoint, and nobody at another one: nothing of it comes to the backplane."
        => "Where NATS_URL is set, start a task that connects to it, and publish there what lies in the window.";
    NotTold "not-told":
        "Something is published when somebody moves, and no user of another endpoint hears of it: nobody takes it from the backplane."
        => "Subscribe to the subject that you publish to, and tell your own users what comes.";
    SameNumber "same-number":
        "A move comes to the other endpoint, for a neighbour hears it. This user does not: the sender is left out by its number, and here somebody else has the same one."
        => "Every endpoint counts its users from the same number. Let yours begin somewhere else, at random for example.";
    SayStaysHere "say-stays-here":
        "Moves reach the other endpoints, and what somebody says does not, or not whole: a text cannot be replaced by a newer one."
        => "Put into the message of a window every text that was said in it, and for moves the newest of each sender.";
    OwnPublicationsRelayed "own-publications-relayed":
        "The sender hears its own move: NATS sends a message to all who subscribe, its publisher too, and this endpoint relays it as if another one had sent it."
        => "Look at how the endpoint connects, or at what it does with a message that carries its own number: what it has published is not for it.";
    BothCopiesDelivered "both-copies-delivered":
        "The neighbours at the same endpoint hear a move twice: once from the endpoint itself, and once more when it comes back from the backplane."
        => "Look at how the endpoint connects: what it has published, it has told its own users already, and does not need once more.";
    PassedOn "passed-on":
        "What an endpoint hears from the backplane, it publishes there once more. The next one does the same, and so a move goes round for ever."
        => "Look at what is done with a message from the backplane: it goes to the endpoint's own users alone. Only what they send is published.";
    OrderLost "order-lost":
        "What one sender sent arrives at another endpoint in another order. NATS keeps the order of one connection, so it was lost before or after."
        => "Publish from one task, a window after the other, and keep the order inside of it.";
    WindowLosesItsEnd "window-loses-its-end":
        "A burst of moves comes to another endpoint without its last one, so the marker there stays where nobody is."
        => "In a window, a newer move of a sender takes the place of the older one, and never the other way.";
    AMessageAMove "a-message-a-move":
        "The backplane gets a message for each move. Each message goes to every other endpoint, and ten endpoints of a thousand users have no time for anything else."
        => "Gather for about 10 ms, and publish the newest move of each sender in one message.";
    SubjectFromUserInput "subject-from-user-input":
        "What a user sends becomes a part of the subject. Who chooses the subject chooses who hears it, and makes NATS keep as many of them as they like."
        => "Publish everything to one subject that is written in the program.";
    NonsenseStopsIt "nonsense-stops-it":
        "After a message that none of the endpoints sent, this one tells its users nothing more of what comes from the backplane."
        => "Leave out what you cannot read, and go on to the next message.";
    BackplaneNotLookedAt "backplane-not-looked-at":
        "What comes from the backplane goes to the users as it is, though nobody can have sent it to an endpoint: another event, or what is no JSON. Whoever reaches NATS can then say anything to everybody."
        => "Look at what you do with a line before you tell it: only what one of your own users could have caused may pass, and no longer than a message may be.";
    OldWindowTold "old-window-told":
        "A window that is more than five seconds old is told to the users. When NATS or an endpoint has hung, all that has waited is played back at once."
        => "Look at what a window holds: without its time, nobody can tell that it is old.";
    WaitsForNats "waits-for-nats":
        "While NATS is away, users of the same endpoint do not hear each other either: something waits for the backplane before it serves them."
        => "Tell your own users first, put what is for the others aside, and let one task of its own wait for NATS.";
    DiesWithoutNats "dies-without-nats":
        "The endpoint ends when NATS is not there. Then one program that is restarted takes all the others down with it."
        => "Look at how the endpoint connects: in a task of its own, which tries again. And a publication that fails ends nothing.";
    NeverReconnects "never-reconnects":
        "NATS is back, and this endpoint stays alone: its users hear nobody else any more, and nobody hears them."
        => "Look at the options of the connection: the client has to try again for ever.";
    AsksWithoutAPause "asks-without-a-pause":
        "NATS has refused this endpoint, and it asks again as often as at first. A password does not become right by being repeated, and a NATS that has lost all its endpoints at once gets all their questions at once."
        => "Look at the options of the connection: the pause before the next try has to grow with the number of tries.";
    SaysItEachTime "says-it-each-time":
        "NATS refuses this endpoint, and each try is a line in the log. Nobody reads the ten thousandth, and the disk is full one day."
        => "Look at where the events of the connection are printed: remember what was said last, and say nothing while it is the same.";
    UnboundedTowardsNats "unbounded-towards-nats":
        "While NATS takes nothing, all that is meant for it is kept, and the memory grows for as long as that lasts."
        => "Look at all that waits, your window and the queue inside of the NATS client: each needs a size. Beyond it, drop the old: nobody wants to know where a mouse was a minute ago.";

    // Where the evidence fits nothing above.
    Unknown "unknown":
        "What was seen is above. Why, the check cannot tell."
        => "Start the program with cargo xtask run, do by hand what the check did, and watch what it prints.";
}

impl Diagnosis {
    /// What it means that some of many do not arrive.
    pub fn lost(event: Event) -> Diagnosis {
        match event {
            Event::Say => Diagnosis::SayLost,
            Event::Spy => Diagnosis::MovesLost,
        }
    }

    /// What it means that something else arrives than was sent.
    pub fn changed(event: Event) -> Diagnosis {
        match event {
            Event::Say => Diagnosis::SayChanged,
            Event::Spy => Diagnosis::ValuesChanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict names the cause and the place to look. What to write there, the third hint shows.
    #[test]
    fn what_to_do_next_gives_no_code_away() {
        const CODE: &[&str] = &[
            "::", "!(", "(\"", "()).", "{", "|", "&&", "+=", "let Some", "</",
        ];
        for diagnosis in Diagnosis::ALL {
            let code = CODE.iter().find(|code| diagnosis.next().contains(**code));
            assert_eq!(code, None, "{}: {}", diagnosis.id(), diagnosis.next());
        }
    }

    #[test]
    fn ids_are_unique_words() {
        let mut ids: Vec<_> = Diagnosis::ALL.iter().map(|d| d.id()).collect();
        assert!(
            ids.iter()
                .all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        );
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
