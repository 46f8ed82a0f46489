using System.Globalization;
using System.Text.RegularExpressions;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>There is no place for this in the database, or in the schema that is named, and none in what people wrote.</summary>
internal sealed partial class NeverStored(DataMap map)
    : ClaimKind(
        "never_stored",
        "No column is made for this, and a sample of what was written holds none.",
        ClaimParameter.Choice("what", "passwords", "card_numbers", "content"),
        ClaimParameter.Text("in", 63).Optional()
    )
{
    private const int Sample = 500;

    // A column may be empty in millions of rows: the newest rows are taken by the index of their key, whatever they hold.
    private const string Keys = """
        select string_agg(quote_ident(a.attname), ' desc, ' order by k.place) || ' desc'
          from pg_index i cross join unnest(i.indkey) with ordinality k (number, place)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
         where i.indisprimary and i.indrelid =
        """;

    private const string Statement = """
        select n.nspname || '.' || c.relname || '.' || a.attname
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
           and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%'
        """;

    public override string Limits =>
        "Columns are told by their names, card numbers in texts by their check digit, in the newest five hundred rows of each table; places for content by what the database's constraints refuse.";

    public override string Key(Claim claim) => claim.Text("what") + " " + In(claim);

    public override string? Refuses(Claim claim) =>
        claim.Text("what") == "content" == map.Tables.Any(table => table.Table.Split('.')[0] == In(claim))
            ? null
            : "Where no content is stored is named with in, as one of our schemas; other things are stored nowhere.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var what = claim.Text("what");
                if (what == "content")
                {
                    var (count, found) = await ContentColumns.FindAsync(ctx, In(claim), ct);
                    return Finding.Of(
                        [.. found],
                        $"{count} columns in {In(claim)}, none that could hold content.",
                        count,
                        ContentColumns.Statement
                    );
                }
                var columns = await ctx.ListAsync(Sql.Constant(Statement), row => row.GetString(0), ct);
                var violations = columns
                    .Where(column => (what == "passwords" ? OfPasswords() : OfCards()).IsMatch(column[(column.LastIndexOf('.') + 1)..]))
                    .Select(column => $"{column} is made for {what.Replace('_', ' ')}.")
                    .ToList();
                var looked = (long)columns.Count;
                foreach (var (table, column) in what == "card_numbers" ? Texts() : [])
                {
                    var key = await ctx.ScalarAsync<string>($"{Sql.Constant(Keys)} {table}::regclass", ct) ?? "1";
                    var texts = await ctx.ListAsync(
                        $"""
                        select left(text, 20000)
                          from (select {Sql.Constant(column)}::text as text from {Sql.Constant(table)} order by {Sql.Constant(
                            key
                        )} limit {Sample}) newest
                         where text is not null
                        """,
                        row => row.GetString(0),
                        ct
                    );
                    looked += texts.Count;
                    var cards = texts.Count(HoldsCard);
                    if (cards > 0)
                    {
                        violations.Add($"{cards} of {texts.Count} texts in {table}.{column} hold the number of a card.");
                    }
                }
                return Finding.Of(violations, $"{columns.Count} columns, none for {what.Replace('_', ' ')}.", looked, Statement);
            },
            ct
        );

    private static string In(Claim claim) => claim.Values.TryGetValue("in", out var schema) ? (string)schema : "";

    // Texts of people in the workspace's own tables.
    private IEnumerable<(string Table, string Column)> Texts() =>
        map.Tables.SelectMany(table =>
            table
                .Columns.Where(column => column is { Class: DataClass.Personal, Category: Category.Content or Category.Feedback })
                .Select(column => (table.Table, column.Column))
        );

    private static bool HoldsCard(string text) => Any(text, CardNumber().EnumerateMatches(text));

    private static bool Any(string text, Regex.ValueMatchEnumerator matches)
    {
        foreach (var match in matches)
        {
            if (IsCard(text.AsSpan(match.Index, match.Length)))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The check digit of ISO/IEC 7812-1.</summary>
    private static bool IsCard(ReadOnlySpan<char> written)
    {
        var (sum, place) = (0, 0);
        for (var index = written.Length - 1; index >= 0; index--)
        {
            if (!char.IsAsciiDigit(written[index]))
            {
                continue;
            }
            var digit = CharUnicodeInfo.GetDecimalDigitValue(written[index]) * (place % 2 == 0 ? 1 : 2);
            (sum, place) = (sum + (digit > 9 ? digit - 9 : digit), place + 1);
        }
        return place is >= 13 and <= 19 && sum % 10 == 0;
    }

    [GeneratedRegex("^(pass(word|wd|phrase)(_.*)?|pwd|.*_(password|passwd|pwd))$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfPasswords();

    [GeneratedRegex("^(.*_)?(card_number|pan|cvc|cvv|iban)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfCards();

    [GeneratedRegex(@"\b[3-6]([ -]?[0-9]){12,18}\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CardNumber();
}
