//! A plot of costs by traffic, as SVG, with a logarithmic scale and lines that are labelled where they end.

use std::fmt::Write as _;

/// One line of the plot.
pub struct Line {
    pub name: &'static str,
    pub colour: &'static str,
    /// One for each column.
    pub values: Vec<f64>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 500.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 336.0;
/// What a label takes, from one base line to the next.
const LABEL: f64 = 17.0;

/// Draws one point of each line in each column, from `lowest` to `highest`, which are powers of ten.
pub fn svg(title: &str, columns: &[&str], lines: &[Line], lowest: f64, highest: f64) -> String {
    let share = |value: f64| (value / lowest).log10() / (highest / lowest).log10();
    let y = |value: f64| BOTTOM - share(value) * (BOTTOM - TOP);
    let x = |column: usize| {
        LEFT + 40.0 + column as f64 * (RIGHT - LEFT - 40.0) / (columns.len() - 1) as f64
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"22\" font-size=\"14\" fill=\"#1a1a20\">{title}</text>\n"
    );
    // Writing into a `String` does not fail.
    let mut tick = lowest;
    while tick <= highest * 1.001 {
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {0:.0}H{RIGHT}\" stroke=\"#e2e2e8\"/><text x=\"{1}\" y=\"{2:.0}\" text-anchor=\"end\" fill=\"#6b6b77\">{3}</text>",
            y(tick), LEFT - 8.0, y(tick) + 4.0, in_short(tick),
        );
        tick *= 10.0;
    }
    for (column, name) in columns.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"middle\" fill=\"#6b6b77\">{name}</text>",
            x(column),
            BOTTOM + 24.0,
        );
    }
    let mut by_end: Vec<&Line> = lines.iter().collect();
    let end = |line: &Line| line.values.last().map_or(BOTTOM, |value| y(*value));
    by_end.sort_by(|one, other| end(one).total_cmp(&end(other)));
    let mut free = TOP - LABEL;
    for line in by_end {
        let points = line.values.iter().enumerate();
        let points: Vec<_> = points
            .map(|(column, value)| format!("{:.1},{:.1}", x(column), y(*value)))
            .collect();
        free = (free + LABEL).max(end(line) + 4.0);
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{1}\" stroke-width=\"2\"/><text x=\"{2}\" y=\"{free:.0}\" fill=\"{1}\">{3}</text>",
            points.join(" "), line.colour, RIGHT + 10.0, line.name,
        );
    }
    svg + "</svg>\n"
}

fn in_short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{} M", value / 1e6),
        value => format!("{} k", value / 1e3),
    }
}
