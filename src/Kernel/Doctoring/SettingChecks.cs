using System.Globalization;

namespace Tenet.Kernel.Doctoring;

/// <summary>PostgreSQL's settings: what is acknowledged must survive a crash, the pools must fit, and its log must hold no content.</summary>
internal static class SettingChecks
{
    private const int Oldest = 150000;

    /// <param name="setting">A setting's value; empty when this PostgreSQL does not know it.</param>
    /// <param name="needed">Connections that one node opens at most.</param>
    public static IReadOnlyList<Finding> Judge(Func<string, string> setting, int needed) =>
        [
            Version(Number(setting("server_version_num")), setting("server_version")),
            On(setting, "fsync", "a crash of the machine can destroy the database"),
            On(setting, "full_page_writes", "a crash in the middle of a write can destroy the database"),
            On(setting, "synchronous_commit", "a crash loses what Tenet has already acknowledged"),
            Checksums(setting("data_checksums")),
            Connections(Number(setting("max_connections")) - Number(setting("superuser_reserved_connections")), needed),
            Writable(setting("default_transaction_read_only"), setting("in_hot_standby")),
            Encoding(setting("server_encoding")),
            Log(setting),
        ];

    private static Finding Version(int number, string name)
    {
        const string Check = "postgres.version";
        return number >= Oldest
            ? Finding.Green(Check, $"PostgreSQL {name}.")
            : Finding.Red(
                Check,
                $"PostgreSQL {name} is too old.",
                "Tenet needs 15 or newer: upgrade with pg_upgrade or by dump and restore."
            );
    }

    private static Finding On(Func<string, string> setting, string name, string else_)
    {
        var check = "postgres." + name;
        return setting(name) == "off"
            ? Finding.Red(check, $"{name} is off: {else_}.", $"Run: alter system set {name} = on; select pg_reload_conf();")
            : Finding.Green(check, $"{name} is {setting(name)}.");
    }

    private static Finding Checksums(string value)
    {
        const string Check = "postgres.data_checksums";
        return value == "on"
            ? Finding.Green(Check, "Data checksums are on.")
            : Finding.Yellow(
                Check,
                "Data checksums are off: a failing disk goes unnoticed.",
                "While PostgreSQL is stopped, run: pg_checksums --enable"
            );
    }

    private static Finding Connections(int allowed, int needed)
    {
        const string Check = "postgres.max_connections";
        var says = $"PostgreSQL allows {allowed} connections, one node needs {needed} at most.";
        return allowed < needed
            ? Finding.Red(Check, says, $"Run: alter system set max_connections = {needed + 20}; then restart PostgreSQL.")
            : Finding.Green(Check, says);
    }

    private static Finding Writable(string readOnly, string standby)
    {
        const string Check = "postgres.writable";
        return standby == "on"
                ? Finding.Red(Check, "This server is a standby and takes no writes.", "Name the primary in ConnectionStrings__Tenet.")
            : readOnly == "on"
                ? Finding.Red(
                    Check,
                    "PostgreSQL starts every transaction read-only.",
                    "Find out why (a full disk, maintenance), then run: alter system reset default_transaction_read_only; select pg_reload_conf();"
                )
            : Finding.Green(Check, "PostgreSQL takes writes.");
    }

    private static Finding Encoding(string value)
    {
        const string Check = "postgres.encoding";
        return value == "UTF8"
            ? Finding.Green(Check, "The database is in UTF-8.")
            : Finding.Red(
                Check,
                $"The database is in {value}.",
                "Make it anew in UTF-8: createdb --encoding=UTF8 --template=template0 tenet"
            );
    }

    // What people wrote must not reach PostgreSQL's log either.
    private static Finding Log(Func<string, string> setting)
    {
        const string Check = "postgres.log";
        var open = new List<string>();
        if (setting("log_error_verbosity") != "terse")
        {
            open.Add("log_error_verbosity = terse");
        }
        if (setting("log_parameter_max_length_on_error") != "0")
        {
            open.Add("log_parameter_max_length_on_error = 0");
        }
        var logsStatements =
            setting("log_statement") is not ("none" or "ddl")
            || setting("log_min_duration_statement") != "-1"
            || setting("log_min_duration_sample") != "-1";
        if (logsStatements && setting("log_parameter_max_length") != "0")
        {
            open.Add("log_parameter_max_length = 0");
        }
        return open.Count == 0
            ? Finding.Green(Check, "PostgreSQL's log holds no values of rows.")
            : Finding.Yellow(
                Check,
                "PostgreSQL's log may hold values of rows, which are people's words and data.",
                string.Join(" ", open.Select(name => $"alter system set {name};")) + " select pg_reload_conf();"
            );
    }

    private static int Number(string value) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
