namespace ServiMon.Predict.Storage.Embedded;

/// <summary>The tables, and how a store of an older version becomes one of the present.</summary>
internal static class Schema
{
    /// <summary>Marks a SQLite file as a store of ours: "SMPr" in ASCII.</summary>
    public const int ApplicationId = 0x534D5072;

    /// <summary>Statement groups by the version that they lead from: the first makes an empty file a store of version 1.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE profile (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE metric (id INTEGER PRIMARY KEY, profile INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (profile, name)) STRICT;
        CREATE TABLE asset (
            id INTEGER PRIMARY KEY, profile INTEGER NOT NULL, name TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, row_count INTEGER NOT NULL,
            tail_first INTEGER NOT NULL, tail_rows INTEGER NOT NULL, tail_blocks INTEGER NOT NULL,
            UNIQUE (profile, name)) STRICT;
        CREATE TABLE block (
            id INTEGER PRIMARY KEY, asset INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            row_count INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX block_by_time ON block (asset, first, last);

        CREATE TABLE interval (
            what INTEGER NOT NULL, profile TEXT NOT NULL, asset TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER, kind TEXT NOT NULL,
            PRIMARY KEY (what, profile, asset, start)) STRICT, WITHOUT ROWID;

        CREATE TABLE model (
            id TEXT PRIMARY KEY, profile TEXT NOT NULL, created INTEGER NOT NULL, state INTEGER NOT NULL,
            sha256 TEXT NOT NULL, size INTEGER NOT NULL, summary TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE champion (
            seq INTEGER PRIMARY KEY, profile TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL, action INTEGER NOT NULL,
            actor TEXT NOT NULL, below INTEGER) STRICT;
        CREATE INDEX champion_by_profile ON champion (profile, seq);
        CREATE TABLE lease (profile TEXT PRIMARY KEY, owner TEXT NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE prediction (
            profile TEXT NOT NULL, time INTEGER NOT NULL, asset TEXT NOT NULL, model TEXT NOT NULL, state INTEGER NOT NULL,
            basis INTEGER NOT NULL, digest INTEGER NOT NULL, probabilities BLOB NOT NULL, detail TEXT NOT NULL, given INTEGER NOT NULL,
            PRIMARY KEY (profile, time, asset, model)) STRICT, WITHOUT ROWID;
        CREATE INDEX prediction_by_asset ON prediction (profile, asset, time);
        CREATE TABLE outcome (
            profile TEXT NOT NULL, time INTEGER NOT NULL, asset TEXT NOT NULL, model TEXT NOT NULL, horizon INTEGER NOT NULL,
            happened INTEGER NOT NULL, resolved INTEGER NOT NULL,
            PRIMARY KEY (profile, time, asset, model, horizon)) STRICT, WITHOUT ROWID;
        CREATE INDEX outcome_by_asset ON outcome (profile, asset, time);
        CREATE TABLE state (scope TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (scope, key)) STRICT;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            detail TEXT NOT NULL) STRICT;
        CREATE INDEX audit_by_time ON audit (at);
        """,
    ];

    /// <summary>The version that this code writes.</summary>
    public static int Version => Migrations.Count;
}
