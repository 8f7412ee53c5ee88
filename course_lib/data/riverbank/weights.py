"""How often the grammar says what, wherever the lexicon does not decide it."""

# The grammar's own words, by the place where one of them is chosen.
FIXED: dict[str, dict[str, float]] = {
    "relation": {"brother": 0.3, "sister": 0.3, "friend": 0.4},
    "date": {".": 0.4, "on": 0.6},  # nina and max met at the river (on monday).
    "start": {"first": 0.3, "then": 0.1, "the": 0.35, "there": 0.25},
    "middle": {"then": 0.25, "later": 0.1, "after": 0.2, "before": 0.08, "the": 0.3, "there": 0.07},
    "late": {"then": 0.25, "later": 0.15, "the": 0.6},  # the topic's script is nearly used up
    "ending": {"finally": 0.4, "in": 0.4, "at": 0.2},  # in the end, at last
    "after": {"that": 0.5, "they": 0.1},  # and the two names
    "exists": {"was": 0.65, "were": 0.35},
    "where": {".": 0.5, "near": 0.2, "behind": 0.15, "beside": 0.15},
    "event .": {".": 1.0},
    "event . and": {".": 0.84, "and": 0.16},
    "event . ,": {".": 0.93, ",": 0.07},
    "event . and ,": {".": 0.76, "and": 0.14, ",": 0.1},
    "other and": {"and": 1.0},  # nina baked a cake , and max set the table
    "other but": {"but": 1.0},  # nina baked a cake , but max did not
    "other and but": {"and": 0.5, "but": 0.5},
    "role": {"near": 0.1, "behind": 0.05, "who": 0.35},  # and was or were
    "thing": {"near": 0.12, "behind": 0.08, "beside": 0.05, "that": 0.25},
    "idea": {"that": 0.4},
    "inner role": {"near": 0.15, "behind": 0.1},  # inside another sentence
    "inner thing": {"near": 0.15, "behind": 0.1, "beside": 0.1},
    "inner idea": {},
}
AND = 0.55  # nina and max went, rather than nina went with max
RELATION = 0.25  # her brother max, rather than max
ACTOR = 0.45  # a sentence starts with who acts, rather than with then, the, ...
ROLE_ACTS = 0.4  # the fishermen do something, rather than being something
NOT, VERY = 0.1, 0.1  # the boat was not old, very old
FAILS = 0.12  # something that may fail to happen does
NEXT_DAY = 0.35  # a story whose day is known goes on to the next day
OBJECT = 0.3  # a description is about the story's object
# How likely the story comes to its end after so many sentences; after the last it is certain.
CLOSE = (0.0, 0.0, 0.02, 0.15, 0.35, 0.6, 1.0)
FRONT = {"on": 0.5, "one": 0.25}  # and the names
ONE = {"day": 0.3, "weather": 0.4, "part": 0.3}  # one day in april, one sunny morning, one evening

STAGE_DECAY = 0.5  # the next stage of a topic's script is twice as likely as the one after it
SECTIONS = {
    "generic": 0.3,
    "states": 0.15,
    "possess": 0.3,
    "use": 0.2,
    "endings": 3.0,
}  # beside the script's 1
