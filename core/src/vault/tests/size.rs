//! Point 11: size. Times are the bench's (`cargo xtask bench vault`); what a write puts on disk, and what the file takes, is
//! counted here.

use super::*;

/// Bytes that one write of a 1.5 KB record puts into the log.
fn written(fixture: &Fixture, session: &mut Session, n: u32) -> u64 {
    let log = || fs::metadata(sqlite_log(&fixture.path)).map_or(0, |log| log.len());
    let before = log();
    put(session, n, &[7; 1500]);
    log() - before
}

fn filled(count: u32) -> (Fixture, Session) {
    let fixture = Fixture::new();
    let mut session = fixture.unlock();
    session.write(|batch| (0..count).try_for_each(|n| batch.put(KIND, id(n), &[n as u8; 1500]))).unwrap();
    drop(session);
    let session = fixture.unlock();
    (fixture, session)
}

#[test]
fn point_11_a_write_is_as_large_among_many_records_as_among_few() {
    let written_among = |count| {
        let (fixture, mut session) = filled(count);
        // Replaced in its place; the first write makes the log.
        put(&mut session, 0, &[8; 1500]);
        let mut all: Vec<_> = (1..10).map(|n| written(&fixture, &mut session, n)).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    let (few, many) = (written_among(10), written_among(4000));
    assert!(few > 1500 && 2 * many <= 3 * few, "{few} bytes among 10, {many} among 4,000");
    // And one that needs more room takes a bounded step.
    let (fixture, mut session) = filled(4000);
    let largest = (5000..5040).map(|n| written(&fixture, &mut session, n)).max().unwrap();
    assert!(largest < 4 * 33 * 3 * 4096, "{largest} bytes at once");
}

#[test]
fn point_11_the_file_is_at_most_four_and_a_half_times_its_padded_records() {
    let (fixture, session) = filled(4000);
    drop(session);
    let size = fs::metadata(&fixture.path).unwrap().len() as f64 / (4000.0 * CLASS_LEN_OF_1500 as f64);
    assert!(size <= 4.5, "{size}");
}

/// What 1,500 bytes are padded to.
const CLASS_LEN_OF_1500: usize = 2016;
