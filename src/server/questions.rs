//! The eight questions of a tip, as pages ask them and tips answer them.

/// A question: field name, whether several answers are taken, codes without `unknown`.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    pub(crate) several: bool,
    pub(crate) codes: &'static [&'static str],
}

const fn question(name: &'static str, several: bool, codes: &'static [&'static str]) -> Question {
    Question {
        name,
        several,
        codes,
    }
}

/// In the order they are asked; the codes never change their meaning.
pub(crate) static QUESTIONS: [Question; 8] = [
    question(
        "who",
        false,
        &["victim", "witness", "friend", "parent", "staff"],
    ),
    question(
        "kind",
        true,
        &[
            "physical",
            "verbal",
            "property",
            "exclusion",
            "online",
            "threat",
            "sexual",
            "other",
        ],
    ),
    question(
        "place",
        true,
        &[
            "classroom",
            "corridor",
            "toilet",
            "dormitory",
            "canteen",
            "grounds",
            "gate",
            "way",
            "online",
            "elsewhere",
        ],
    ),
    question(
        "time",
        true,
        &[
            "way",
            "break",
            "lesson",
            "noon",
            "activity",
            "self-study",
            "night",
            "holiday",
        ],
    ),
    question("how_often", false, &["once", "several", "daily", "long"]),
    question(
        "offender",
        true,
        &[
            "one",
            "several",
            "same-grade",
            "older",
            "younger",
            "outsider",
            "adult",
        ],
    ),
    question("ongoing", false, &["yes", "stopped-afraid", "stopped"]),
    question(
        "adults_know",
        true,
        &["none", "teacher-acting", "teacher-idle", "family"],
    ),
];
