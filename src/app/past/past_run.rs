//! An earlier run, as undo and verify find it: what it recorded, where it wrote, and how its
//! results are read.

use std::path::Path;

use futures_util::{Stream, StreamExt as _, stream};
use roaring::RoaringTreemap;

use super::{
    id_lines::{IdLines, RowPicker},
    recorded_options,
    rows_from_input::RowsFromInput,
};
use crate::{
    account::AccountId,
    app::{
        error::AppError,
        preview::labels,
        session::LockWait,
        session::connect::{ApiConnection, Destination},
        session::run::Session,
    },
    association::Association,
    caller::Caller,
    cli::{ConnectionArgs, ImportArgs, SendingArgs},
    config,
    hubspot::{ApiVersion, HubSpot},
    input::{
        self, Delimiter, InputEncoding, InputError, InputLimit, InputOptions, InputPath,
        InputReader, ReaderThread,
    },
    journal::{self, LockedRun, RecordedRun, SubjectRun},
    messages,
    output::Summary,
    row::Row,
    stop::StopSwitch,
};

/// The run that a results file records.
pub(crate) struct PastRun {
    pub(crate) locked: LockedRun,
    pub(crate) recorded: RecordedRun,
    pub(crate) api_version: ApiVersion,
    /// The arguments that it was given last.
    pub(crate) args: Box<ImportArgs>,
    /// How its results are read.
    pub(crate) options: InputOptions,
    /// Whether its rows name records by keys. Then only its results have ids.
    pub(crate) has_keys: bool,
    /// Which lines have ids, once this is read.
    pub(crate) id_lines: IdLines,
    /// Rows that have to be read from the input, once these are looked up.
    pub(crate) rows_from_input: Option<RowsFromInput>,
}

impl PastRun {
    /// Opens a run and locks its files, so that it cannot be resumed meanwhile.
    pub(crate) fn open(results: &Path, wait: &LockWait<'_>) -> Result<Self, AppError> {
        let (locked, past) =
            wait.wait_for(|| journal::open_recorded_run(results, messages::log_journal_event))?;
        let info = past.info();
        if info.subject.is_some() {
            return Err(AppError::NoImport(results.to_owned()));
        }
        if info.server.target == Summary::SANDBOX {
            return Err(AppError::WasRehearsal(results.to_owned()));
        }
        let args = recorded_options::arguments(&past)?;
        let api_version = info.server.api.parse().map_err(|_| AppError::OtherApi {
            path: results.to_owned(),
            api: info.server.api.clone(),
        })?;
        let mut options = config::input(&args.input)?;
        options.path = InputPath::File(results.to_owned());
        if past.is_resaved() {
            (options.delimiter, options.encoding) = (None, InputEncoding::Auto);
        } else {
            options.delimiter = Delimiter::from_byte(info.results_format.delimiter_byte());
            options.encoding = InputEncoding::Label(encoding_rs::UTF_8);
        }
        // They say where the rows of the input are.
        (options.sheet, options.header_row) = (None, None);
        // A torn line may follow.
        options.limit = Some(InputLimit::Records(past.line_count()));
        options.recorded = true;
        // If the results cannot be read, whoever needs their rows says so.
        let has_keys = input::open(&options).is_ok_and(|results| results.shape().has_keys());
        Ok(Self {
            locked,
            recorded: past,
            api_version,
            args,
            options,
            has_keys,
            id_lines: IdLines::default(),
            rows_from_input: None,
        })
    }

    /// Looks for the input, to read rows from it whose links the results do not tell. Rows
    /// without a line are among them, if they matter to the command.
    pub(crate) fn find_input(
        &mut self,
        given: Option<&Path>,
        unrecorded_writes: RoaringTreemap,
    ) -> Result<(), AppError> {
        let mut options = config::input(&self.args.input)?.for_resumed_run();
        options.table = self.options.table;
        let from_input = RowsFromInput::find(
            &self.recorded,
            unrecorded_writes,
            self.path(),
            &options,
            given,
        )?;
        self.rows_from_input = Some(from_input);
        Ok(())
    }

    /// Finds out which lines have ids. Labels must be known by then.
    pub(crate) fn read_id_lines(&mut self) -> Result<(), AppError> {
        if self.has_keys && self.recorded.line_count() > 0 {
            let rows = self.recorded.rows();
            self.id_lines = IdLines::read(&self.options, &rows.recorded, &rows.multi_line)?;
        }
        Ok(())
    }

    /// The inputs to read these `rows` from, each once.
    pub(crate) fn sources(
        &self,
        rows: &RoaringTreemap,
    ) -> Result<Vec<(InputReader, RowPicker)>, AppError> {
        let inputs = self.inputs(rows)?.into_iter();
        let with_picker = |(input, rows)| (input, self.id_lines.picker(rows));
        Ok(inputs.map(with_picker).collect())
    }

    /// The inputs that have these `rows`, each with its rows.
    fn inputs(
        &self,
        rows: &RoaringTreemap,
    ) -> Result<Vec<(InputReader, RoaringTreemap)>, AppError> {
        let of_input = self
            .rows_from_input
            .as_ref()
            .and_then(|from_input| from_input.source(rows));
        let mut recorded = rows & &self.recorded.rows().recorded;
        let mut sources = Vec::new();
        if let Some((options, rows)) = of_input {
            recorded -= &rows;
            sources.push((input::open(options)?, rows));
        }
        if !recorded.is_empty() {
            sources.insert(0, (input::open(&self.options)?, recorded));
        }
        Ok(sources)
    }

    /// Calls `see` with the link of each of these `rows`, in the order of the results.
    pub(crate) fn each_link(
        &self,
        rows: &RoaringTreemap,
        mut see: impl FnMut(u64, Association),
    ) -> Result<(), AppError> {
        let mut row = InputReader::empty_row();
        for (mut input, rows) in self.inputs(rows)? {
            while input.next_row(&mut row)? {
                let link = row.association();
                if let Some(link) = link.filter(|_| rows.contains(row.number)) {
                    see(row.number, *link);
                }
            }
        }
        Ok(())
    }

    /// Looks up the labels that its rows name.
    pub(crate) async fn resolve_labels(&mut self, session: &Session<'_>) -> Result<(), AppError> {
        let mut references = if self.recorded.line_count() > 0 {
            input::label_references(&self.options)?
        } else {
            Vec::new()
        };
        let results_count = references.len();
        if let Some(from_input) = &mut self.rows_from_input {
            references.extend(from_input.label_references()?);
        }
        let resolved = labels::resolve(&mut self.options, &references, session).await;
        if let Err(error) = resolved {
            // If another program changed labels in the results, the input has the original
            // ones.
            let of_input = references.split_off(results_count);
            if self.recorded.altered_rows().is_empty()
                || of_input.is_empty()
                || session.stop().is_requested()
            {
                return Err(error);
            }
            labels::resolve(&mut self.options, &of_input, session).await?;
        }
        let results = self.path().to_owned();
        let Some(from_input) = &mut self.rows_from_input else {
            return Ok(());
        };
        if let Ok(options) = &mut from_input.input {
            options.labels.clone_from(&self.options.labels);
        }
        // An input with keys is not read.
        let shown = session.context.console.shown_rows(false);
        from_input.verify_input(&self.recorded, &results, shown)
    }

    /// How to connect: to where the run wrote, with its token file if there are no other
    /// credentials.
    pub(crate) fn connection(&self, given: &ConnectionArgs) -> Result<ConnectionArgs, AppError> {
        let mut connection = given.clone();
        let target = &self.recorded.info().server.target;
        if let Some(url) = &given.base_url {
            let given = config::base_url(url)?.to_string();
            if given != *target {
                let recorded = target.clone();
                return Err(AppError::OtherServer { recorded, given });
            }
        }
        connection.base_url = Some(target.clone());
        let recorded = &self.args.sending.connection;
        if !config::has_credentials() {
            let file = recorded.token_file.clone();
            connection.token_file = connection.token_file.or(file);
        }
        connection.ca_file = connection.ca_file.or_else(|| recorded.ca_file.clone());
        Ok(connection)
    }

    /// A caller that accepts only the account of the run.
    pub(crate) fn caller(
        &self,
        connection: &ConnectionArgs,
        sending: &SendingArgs,
        stop: &StopSwitch,
    ) -> Result<(Caller<HubSpot>, Destination), AppError> {
        let api_connection = ApiConnection::to_hubspot(self.api_version, connection)?;
        let (caller, destination) = api_connection.caller(sending, true, stop)?;
        let account = self.recorded.account();
        Ok((caller.requiring_run_account(account), destination))
    }

    /// How a command on this run records it.
    pub(crate) fn as_subject(&self, command: &str) -> SubjectRun {
        let info = self.recorded.info();
        SubjectRun {
            command: command.to_owned(),
            results: self.path().to_owned(),
            at: info.at,
            account: self.recorded.account().map(AccountId::get),
        }
    }

    /// The path of its results.
    pub(crate) fn path(&self) -> &Path {
        match &self.options.path {
            InputPath::File(path) => path,
            InputPath::Stdin => Path::new("-"),
        }
    }
}

/// Reads these rows of each source once, one source after the other.
pub(crate) fn read_once(
    sources: Vec<(InputReader, RowPicker)>,
) -> (impl Stream<Item = Vec<Row>>, Vec<ReaderThread>) {
    let read = |(input, mut picker): (InputReader, RowPicker)| {
        let (rows, reader) = input::spawn_reader(input, move |row| picker.picks(row));
        (input::row_chunks(rows), reader)
    };
    let (streams, readers): (Vec<_>, _) = sources.into_iter().map(read).unzip();
    (stream::iter(streams).flatten(), readers)
}

/// The first reader that failed, if one did.
pub(crate) fn first_broken(readers: Vec<ReaderThread>) -> Option<InputError> {
    readers.into_iter().find_map(|reader| reader.finish().1)
}
