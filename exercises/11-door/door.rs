//! The door: which browsers get in, and how many of them. Explained in step 11.

// TODO: For the seats: a static is there for all tasks, and a semaphore lends permits.
// TODO: For the filter.

// TODO: For the number of places.
// TODO: For the number of seats.

// TODO: Make the seats: a semaphore with SETTINGS.max_connections permits.

// TODO: Make the places: a permit for each connection that there may be, SETTINGS.max_connections and HTTP more.

// TODO: Write the filter `same_origin`: it refuses a request if its Origin is not the host that the request is for.
