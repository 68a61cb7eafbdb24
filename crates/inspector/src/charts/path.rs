//! Lines and areas as the path data of SVG.

/// A point, or where the line is interrupted.
pub(super) type Point = Option<(f64, f64)>;

/// A line through points.
pub(super) fn line(points: &[Point]) -> String {
    let segments = segments(points);
    segments
        .map(|segment| format!("M{}", joined(&segment)))
        .collect()
}

/// The area between a line and the floor.
pub(super) fn area(points: &[Point], floor: f64) -> String {
    let area = |segment: Vec<(f64, f64)>| {
        let ends = segment.first().zip(segment.last());
        let ends = ends.map(|(first, last)| (at((first.0, floor)), at((last.0, floor))));
        let (first, last) = ends.unwrap_or_default();
        format!("M{first}L{}L{last}Z", joined(&segment))
    };
    segments(points).map(area).collect()
}

/// A column from the floor on; nothing for a height of zero.
pub(super) fn column(x: f64, width: f64, height: f64, floor: f64) -> String {
    if height <= 0.0 {
        return String::new();
    }
    format!("M{x:.1} {floor}v{:.1}h{width:.1}V{floor}z", -height)
}

fn segments(points: &[Point]) -> impl Iterator<Item = Vec<(f64, f64)>> + '_ {
    let segments = points
        .split(Option::is_none)
        .filter(|segment| !segment.is_empty());
    segments.map(|segment| {
        let mut segment: Vec<(f64, f64)> = segment.iter().copied().flatten().collect();
        // A single point is drawn as a short line.
        if let [(x, y)] = *segment {
            segment.push((x + 1.0, y));
        }
        segment
    })
}

fn joined(segment: &[(f64, f64)]) -> String {
    let points: Vec<String> = segment.iter().copied().map(at).collect();
    points.join("L")
}

fn at((x, y): (f64, f64)) -> String {
    format!("{x:.1} {y:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_interrupted_where_nothing_is_known() {
        let points = [
            Some((0.0, 1.0)),
            Some((1.0, 2.0)),
            None,
            None,
            Some((4.0, 0.0)),
            None,
        ];
        assert_eq!(line(&points), "M0.0 1.0L1.0 2.0M4.0 0.0L5.0 0.0");
        assert_eq!(area(&points[..3], 9.0), "M0.0 9.0L0.0 1.0L1.0 2.0L1.0 9.0Z");
        assert_eq!(line(&[]), "");
    }
}
