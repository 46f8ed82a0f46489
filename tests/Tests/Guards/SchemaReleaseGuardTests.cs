using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Kernel.Postgres;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>
/// Expand first, contract a release later: hosts of the release before work on the schema of this one while they are replaced. What takes
/// something away says since which earlier release nobody uses it: <c>-- unused since release 2</c> at the end of the statement's first line.
/// </summary>
public sealed partial class SchemaReleaseGuardTests
{
    [Fact]
    public void No_schema_file_takes_away_what_hosts_of_the_release_before_use() =>
        SchemaFiles.Read(Path.Combine(AppContext.BaseDirectory, "schema")).SelectMany(Findings).ShouldBeEmpty();

    [Theory]
    [InlineData("alter table inbox.message drop column mood;")]
    [InlineData("alter table inbox.message drop column mood; -- unused since release 3")]
    [InlineData("drop table inbox.message;")]
    [InlineData("alter table inbox.message rename column text to body;")]
    [InlineData("alter table inbox.message rename to letters;")]
    [InlineData("alter table inbox.message alter column seq type text;")]
    [InlineData("alter table inbox.message alter column mood set not null;")]
    [InlineData("alter table inbox.message add column mood text not null;")]
    [InlineData("revoke select on inbox.message from tenet_app;")]
    [Trait("Seeded", "a schema file that breaks the release before")]
    public void What_would_break_them_is_found(string statement) =>
        Findings(new SchemaFile(9, "0009_next", "-- Release 3.\n" + statement, 3)).Count().ShouldBe(1);

    [Theory]
    [InlineData("alter table inbox.message add column mood text;")]
    [InlineData("alter table inbox.message add column mood text not null default 'none';")]
    [InlineData("create table inbox.mood (workspace_id uuid not null, id uuid not null, primary key (workspace_id, id));")]
    [InlineData("drop index inbox.message_by_mood;")]
    [InlineData("alter table inbox.message drop column mood; -- unused since release 2")]
    public void What_they_can_live_with_is_not(string statement) =>
        Findings(new SchemaFile(9, "0009_next", "-- Release 3.\n" + statement, 3)).ShouldBeEmpty();

    private static IEnumerable<string> Findings(SchemaFile file) =>
        file.Release == 1
            ? []
            : file
                .Text.Split('\n')
                .Where(line => Breaking().IsMatch(line) && !IsUnused(line, file.Release))
                .Select(line => $"{file.Name}: {line.Trim()}");

    private static bool IsUnused(string line, int release) =>
        UnusedSince().Match(line) is { Success: true } said && int.Parse(said.Groups["n"].Value, null) < release;

    [GeneratedRegex(
        @"\bdrop\s+(table|column|schema|view|function|type)\b|\brename\b|\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b|\bset\s+not\s+null\b|\brevoke\b|\badd\s+column\b(?!.*\bdefault\b).*\bnot\s+null\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Breaking();

    [GeneratedRegex(@"-- unused since release (?<n>\d+)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnusedSince();
}
