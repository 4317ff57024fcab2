//! The checks of step 10, the spy, in the order in which a learner reads them.
//!
//! A check comes after those that it needs.

use super::{Check, check};

/// Every check of the step.
pub const CHECKS: &[Check] = &[
    check!(Source, start::the_program_compiles, needs [], "The program compiles."),
    check!(
        Source,
        start::it_listens_at_the_port_it_is_given,
        needs["the_program_compiles"],
        "It listens at the port that it is given."
    ),
    //
    check!(
        Program,
        routes::the_page_is_served,
        needs["it_listens_at_the_port_it_is_given"],
        "The page is served at /."
    ),
    check!(
        Program,
        routes::jquery_is_served_as_it_is,
        needs["it_listens_at_the_port_it_is_given"],
        "/jquery.js is jQuery, as it is."
    ),
    check!(
        Program,
        routes::socket_js_is_served,
        needs["it_listens_at_the_port_it_is_given"],
        "/socket.js is served."
    ),
    check!(
        Program,
        routes::everything_else_is_not_found,
        needs["it_listens_at_the_port_it_is_given"],
        "Everything else is a 404, and a wrong method a 405."
    ),
    check!(
        Program,
        routes::no_other_file_can_be_reached,
        needs["it_listens_at_the_port_it_is_given"],
        "No other file of the disk can be reached."
    ),
    //
    check!(
        Program,
        relay::a_websocket_connects,
        needs["it_listens_at_the_port_it_is_given"],
        "A WebSocket connects at /ws."
    ),
    check!(
        Program,
        relay::clients_are_served_at_the_same_time,
        needs["a_websocket_connects"],
        "Clients are served at the same time."
    ),
    check!(
        Program,
        relay::a_move_reaches_the_other_client,
        needs["clients_are_served_at_the_same_time"],
        "A move of one client reaches the other."
    ),
    check!(
        Program,
        relay::it_arrives_as_one_object,
        needs["a_move_reaches_the_other_client"],
        "It arrives as one object, with x and y."
    ),
    check!(
        Program,
        relay::the_numbers_arrive_unchanged,
        needs["it_arrives_as_one_object"],
        "Its numbers arrive unchanged: 0, negative, fractional, large."
    ),
    check!(
        Program,
        relay::the_sender_hears_nothing,
        needs["it_arrives_as_one_object"],
        "The sender hears nothing of its own move."
    ),
    check!(
        Program,
        relay::every_other_client_hears_it,
        needs["it_arrives_as_one_object"],
        "Every other client hears it, of 3 and of 50."
    ),
    check!(
        Program,
        relay::a_late_joiner_hears_it,
        needs["it_arrives_as_one_object"],
        "A client that joins late hears it, too."
    ),
    check!(
        Program,
        order::every_move_of_a_person_arrives,
        needs["it_arrives_as_one_object"],
        "Every move of a person arrives, once and in order."
    ),
    check!(
        Program,
        order::a_burst_keeps_its_order_and_its_end,
        needs["every_move_of_a_person_arrives"],
        "A burst of 500 keeps its order, and its last move arrives."
    ),
    check!(
        Program,
        order::several_move_at_once,
        needs["every_move_of_a_person_arrives"],
        "Several clients move at once, each in its order."
    ),
    //
    check!(
        Program,
        robust::a_ping_gets_its_pong,
        needs["clients_are_served_at_the_same_time"],
        "A ping gets its pong."
    ),
    check!(
        Program,
        robust::a_close_gets_its_close,
        needs["clients_are_served_at_the_same_time"],
        "A close gets its close."
    ),
    check!(
        Program,
        robust::the_earlier_events_still_work,
        needs["clients_are_served_at_the_same_time"],
        "What you built before still works: shout, online, say."
    ),
    check!(Program, robust::nonsense_ends_no_connection, needs ["it_arrives_as_one_object", "a_ping_gets_its_pong"], "A frame that is not an event ends no connection."),
    check!(Program, robust::an_unknown_event_ends_no_connection, needs ["it_arrives_as_one_object", "a_ping_gets_its_pong"], "An unknown event ends no connection."),
    check!(
        Program,
        robust::a_huge_frame_troubles_nobody_else,
        needs["it_arrives_as_one_object"],
        "A huge frame troubles nobody else."
    ),
    check!(
        Program,
        robust::a_client_that_leaves_troubles_nobody,
        needs["it_arrives_as_one_object"],
        "A client that leaves troubles nobody."
    ),
    check!(
        Program,
        robust::a_client_that_vanishes_troubles_nobody,
        needs["it_arrives_as_one_object"],
        "A client that vanishes troubles nobody."
    ),
    check!(
        Program,
        robust::a_client_that_never_reads_delays_nobody,
        needs["every_move_of_a_person_arrives"],
        "A client that never reads delays nobody."
    ),
    //
    check!(Page, page::the_page_opens_without_an_error, needs ["the_page_is_served", "jquery_is_served_as_it_is", "socket_js_is_served", "a_websocket_connects"], "The page opens without an error."),
    check!(
        Page,
        page::the_marker_is_as_given,
        needs["the_page_opens_without_an_error"],
        "The marker is as it was given."
    ),
    check!(
        Page,
        page::moving_the_mouse_sends_its_position,
        needs["the_page_opens_without_an_error"],
        "Moving the mouse sends its position."
    ),
    check!(
        Page,
        page::it_sends_coordinates_of_the_page,
        needs["moving_the_mouse_sends_its_position"],
        "On a scrolled page, it sends coordinates of the page."
    ),
    check!(Page, page::the_marker_follows_the_other_window, needs ["moving_the_mouse_sends_its_position", "the_marker_is_as_given", "it_arrives_as_one_object"], "The marker follows the mouse of the other window, both ways."),
    check!(Page, page::the_movers_own_marker_stays, needs ["the_marker_follows_the_other_window", "the_sender_hears_nothing"], "The marker in the mover's own window stays."),
];
