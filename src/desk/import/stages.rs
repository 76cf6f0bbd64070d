//! Where a deal stands: pipeline and stage by name. A stage that the pipeline lacks is appended to it.

use std::collections::HashMap;

use super::words::{fold, squeeze};

/// What a deal in a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Won,
    Lost,
}

impl State {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub(super) fn of_code(code: &str) -> Self {
        match code {
            "won" => Self::Won,
            "lost" => Self::Lost,
            _ => Self::Open,
        }
    }

    /// What a stage of this name means in any program.
    fn of_name(name: &str) -> Self {
        match squeeze(name).as_str() {
            "won" | "closedwon" | "win" | "赢单" | "成交" | "已成交" => Self::Won,
            "lost" | "closedlost" | "lose" | "输单" | "丢单" | "已丢单" => Self::Lost,
            _ => Self::Open,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub id: i64,
    pub pipeline: i64,
    pub name: String,
    pub position: i64,
    pub state: State,
}

/// How a name fits a pipeline's stages.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fit {
    Exactly(i64),
    /// Under another name, which follows.
    Nearly(i64, String),
    Missing(State),
}

/// Looks a name up among the stages of one pipeline.
pub(super) fn fit(stages: &[Stage], pipeline: i64, name: &str) -> Fit {
    let own: Vec<&Stage> = stages.iter().filter(|s| s.pipeline == pipeline).collect();
    if let Some(stage) = own.iter().find(|s| fold(&s.name) == fold(name)) {
        return Fit::Exactly(stage.id);
    }
    let only = |candidates: Vec<&&Stage>| match candidates.as_slice() {
        [one] => Some(Fit::Nearly(one.id, one.name.clone())),
        _ => None,
    };
    let state = State::of_name(name);
    only(own.iter().filter(|s| squeeze(&s.name) == squeeze(name)).collect())
        .or_else(|| if state == State::Open { None } else { only(own.iter().filter(|s| s.state == state).collect()) })
        .unwrap_or(Fit::Missing(state))
}

/// Where a new stage goes: an open one behind the last open one, a closed one at the end. The second number is how far the
/// stages from there on must move.
pub(super) fn place(stages: &[Stage], pipeline: i64, state: State) -> (i64, bool) {
    let own = || stages.iter().filter(|s| s.pipeline == pipeline);
    let end = own().map(|s| s.position + 1).max().unwrap_or(1);
    if state != State::Open {
        return (end, false);
    }
    let after_open = own().filter(|s| s.state == State::Open).map(|s| s.position + 1).max();
    let place = after_open.or_else(|| own().map(|s| s.position).min()).unwrap_or(1);
    (place, own().any(|s| s.position >= place))
}

/// Stage by pipeline and stage as the file writes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Stages(pub HashMap<(String, String), (i64, i64, State)>);

impl Stages {
    /// The stage's id, its pipeline's, and the state.
    pub(super) fn get(&self, pipeline: &str, stage: &str) -> Option<(i64, i64, State)> {
        self.0.get(&(pipeline.to_owned(), stage.to_owned())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages() -> Vec<Stage> {
        [("Prospecting", State::Open), ("Won", State::Won), ("Lost", State::Lost)]
            .into_iter()
            .enumerate()
            .map(|(i, (name, state))| Stage {
                id: i as i64 + 10,
                pipeline: 1,
                name: name.into(),
                position: i as i64 + 1,
                state,
            })
            .collect()
    }

    #[test]
    fn stages_by_name() {
        let stages = stages();
        assert_eq!(fit(&stages, 1, "prospecting"), Fit::Exactly(10));
        assert_eq!(fit(&stages, 1, "Closed Won"), Fit::Nearly(11, "Won".into()));
        assert_eq!(fit(&stages, 1, "输单"), Fit::Nearly(12, "Lost".into()));
        assert_eq!(fit(&stages, 1, "Engaging"), Fit::Missing(State::Open));
        assert_eq!(fit(&stages, 2, "Won"), Fit::Missing(State::Won));
    }

    #[test]
    fn new_stages_stand_before_the_closed_ones() {
        let stages = stages();
        assert_eq!(place(&stages, 1, State::Open), (2, true));
        assert_eq!(place(&stages, 1, State::Lost), (4, false));
        assert_eq!(place(&stages, 2, State::Open), (1, false));
    }
}
