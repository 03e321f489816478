//! Tables as CSV (RFC 4180): cells with a comma, a quote or a line end are quoted.

use csv::{ReaderBuilder, StringRecord, Terminator, Trim, WriterBuilder};

use crate::text;

/// A table's text: the head, then one line for each row; every line ends in a line feed.
#[must_use]
pub fn to_csv<Row, Cell>(head: &[&str], rows: impl IntoIterator<Item = Row>) -> String
where
    Row: IntoIterator<Item = Cell>,
    Cell: AsRef<[u8]>,
{
    let mut writer =
        WriterBuilder::new().terminator(Terminator::Any(b'\n')).flexible(true).from_writer(vec![]);
    // writing a row can fail only where its writer does, and a writer to memory does not
    let mut written = writer.write_record(head);
    for row in rows {
        written = written.and_then(|()| writer.write_record(row));
    }
    let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// The head and the rows of a table, without blanks around cells and without empty lines. The text may have any line
/// ends and begin with a byte-order mark.
///
/// # Errors
/// A message in words: a row with more or fewer cells than the head, and its line; a quote that does not end.
pub fn from_csv(text: &str) -> Result<(StringRecord, Vec<StringRecord>), String> {
    let lines: Vec<&str> = text::lines(text).filter(|line| !line.trim().is_empty()).collect();
    let lines = lines.join("\n");
    let mut reader =
        ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(lines.as_bytes());
    let head = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut rows = Vec::new();
    for (number, row) in reader.records().enumerate() {
        let row = row.map_err(|e| e.to_string())?;
        if row.len() != head.len() {
            let (has, want) = (row.len(), head.len());
            return Err(format!("line {} has {has} fields in place of {want}", number + 2));
        }
        rows.push(row);
    }
    Ok((head, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_whatever_they_hold() {
        let rows = [["a", "[1,2]"], ["say \"b\"", ""], ["µ", "x y"]];
        let text = to_csv(&["name", "value"], rows);
        assert_eq!(text, "name,value\na,\"[1,2]\"\n\"say \"\"b\"\"\",\nµ,x y\n");
        let (head, read) = from_csv(&text).unwrap();
        assert_eq!(head, StringRecord::from(vec!["name", "value"]));
        assert_eq!(read, rows.map(|row| StringRecord::from(row.to_vec())));
        let spaced = "\u{feff}name , value\r\r  \ra ,\"[1,2]\"\r";
        assert_eq!(from_csv(spaced).unwrap(), (head, vec![read[0].clone()]));
    }

    #[test]
    fn a_row_of_another_length_is_named() {
        assert!(
            from_csv("a,b\n1,2\n3\n").unwrap_err().contains("line 3 has 1 fields in place of 2")
        );
    }
}
