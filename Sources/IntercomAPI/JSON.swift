// JSON as the connector takes and gives it, for programs that import the connector alone.

import ICSJSON

/// A JSON value: what bodies of requests and answers are.
public typealias JSONValue = ICSJSON.JSONValue
/// A JSON object, in the order of its keys.
public typealias JSONObject = ICSJSON.JSONObject
