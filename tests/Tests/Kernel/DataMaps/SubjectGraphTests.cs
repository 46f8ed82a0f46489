using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Xunit;

namespace Tenet.Tests.Kernel.DataMaps;

public sealed class SubjectGraphTests
{
    [Fact]
    public void Rows_are_followed_over_foreign_keys_references_and_what_they_own()
    {
        var graph = Of(
            [
                Person("inbox.visitor"),
                Table("inbox.conversation", Personal("preview")),
                Table("inbox.message", Personal("text"), Operational("turn_id") with { Owns = "assistant.turn" }),
                Table("assistant.turn"),
                Table("audit.entry", Personal("actor_id") with { Refers = RefersAttribute.AnyPerson }),
            ],
            new("inbox.conversation", "visitor_id", "inbox.visitor", "id"),
            new("inbox.message", "conversation_id", "inbox.conversation", "id")
        );

        graph.Findings.ShouldBeEmpty();
        graph
            .Tables.Select(table => table.Table)
            .ShouldBe(["assistant.turn", "inbox.message", "inbox.conversation", "audit.entry", "inbox.visitor"]);
        graph
            .RowsOf(graph.Tables[0], [Guid.Empty])
            .ToString()
            .ShouldBe(
                "id = any(array(select turn_id from inbox.message where conversation_id = any(array(select id from inbox.conversation"
                    + " where visitor_id = any(array(select id from inbox.visitor where id = any($1)))))))"
            );
        graph.RowsOf(graph.Tables[3], [Guid.Empty]).ToString().ShouldBe("actor_id = any($1)");
    }

    [Fact]
    public void A_personal_table_that_leads_to_nobody_is_a_fault_until_it_says_why()
    {
        var lost = Table("lab.note", Personal("text"));

        Of([Person("lab.person"), lost]).Findings.ShouldHaveSingleItem().ShouldContain("lab.note.text is personal");
        Of([Person("lab.person"), lost with { NoSubject = "Only our own notes." }]).Findings.ShouldBeEmpty();
        Of([Person("lab.person"), lost], new ForeignKey("lab.note", "person_id", "lab.person", "id")).Findings.ShouldBeEmpty();
        Of([Person("lab.person"), lost with { NoSubject = "No." }], new ForeignKey("lab.note", "person_id", "lab.person", "id"))
            .Findings.ShouldHaveSingleItem()
            .ShouldContain("says [NoSubject]");
    }

    [Fact]
    public void An_id_that_only_mentions_a_person_leads_nowhere_whatever_its_foreign_key_says()
    {
        var graph = Of(
            [Person("lab.person"), Table("lab.order", Personal("author_id") with { Mentions = true })],
            new ForeignKey("lab.order", "author_id", "lab.person", "id")
        );

        graph.Findings.ShouldBeEmpty();
        graph.Reaches("lab.order").ShouldBeFalse();
    }

    [Fact]
    public void What_belongs_only_to_rows_that_stay_stays_on_their_ground()
    {
        var graph = Of(
            [
                Person("lab.person"),
                Table("lab.invoice", Personal("text") with { Refers = "lab.person" }) with
                {
                    Retained = "The tax law.",
                },
                Table("lab.line", Personal("text")),
                Table("lab.letter", Personal("text")),
            ],
            new("lab.line", "invoice_id", "lab.invoice", "id"),
            new("lab.letter", "invoice_id", "lab.invoice", "id"),
            new("lab.letter", "person_id", "lab.person", "id")
        );

        graph.Tables.Single(table => table.Table == "lab.line").Retained.ShouldBe("The tax law.");
        graph.Tables.Single(table => table.Table == "lab.letter").Retained.ShouldBeNull();
    }

    [Fact]
    public void Tables_that_belong_to_each_other_names_that_nobody_declares_and_persons_without_an_id_are_faults()
    {
        Of(
            [Person("lab.person"), Table("lab.a", Personal("text")), Table("lab.b", Personal("text"))],
            new("lab.a", "person_id", "lab.person", "id"),
            new("lab.b", "a_id", "lab.a", "id"),
            new("lab.a", "b_id", "lab.b", "id")
        )
            .Findings.ShouldHaveSingleItem()
            .ShouldContain("belongs to itself");
        Of([Person("lab.person"), Table("lab.a", Personal("text") with { Refers = "lab.gone" })])
            .Findings.ShouldContain(text => text.Contains("lab.gone"));
        var nameless = new TableMap(
            "lab.x",
            typeof(object),
            "",
            "",
            [new ColumnMap("email", "Email", DataClass.Personal, Category.Email, true)]
        );
        Of([nameless]).Findings.ShouldHaveSingleItem().ShouldContain("no column id");
    }

    [Fact]
    public void Whatever_the_map_a_table_is_reached_exactly_if_a_way_leads_to_it_and_goes_before_what_it_belongs_to()
    {
        // Table 0 is the person. Keys lead from later to earlier tables, so there is no circle.
        var keys = Gen.Choose(1, 9).SelectMany(child => Gen.Choose(0, child - 1).Select(parent => (Child: child, Parent: parent))).ListOf();
        Prop.ForAll(
                keys.ToArbitrary(),
                drawn =>
                {
                    var links = drawn.Distinct().ToList();
                    var graph = Of(
                        [Person("lab.t0"), .. Enumerable.Range(1, 9).Select(n => Table($"lab.t{n}", Personal("text")))],
                        [.. links.Select(link => new ForeignKey($"lab.t{link.Child}", $"t{link.Parent}_id", $"lab.t{link.Parent}", "id"))]
                    );
                    var reached = new HashSet<int> { 0 };
                    while (links.Any(link => reached.Contains(link.Parent) && reached.Add(link.Child))) { }
                    var order = graph
                        .Tables.Select((table, at) => (table.Table, at))
                        .ToDictionary(table => table.Table, table => table.at, StringComparer.Ordinal);
                    order.Keys.ShouldBe(reached.Select(n => $"lab.t{n}"), ignoreOrder: true);
                    graph.Findings.Count.ShouldBe(10 - reached.Count);
                    foreach (var (child, parent) in links.Where(link => reached.Contains(link.Parent)))
                    {
                        order[$"lab.t{child}"].ShouldBeLessThan(order[$"lab.t{parent}"]);
                    }
                    // Every way is asked: one step per key that leads from a reached table.
                    graph.Tables.Sum(table => table.Steps.Count).ShouldBe(links.Count(link => reached.Contains(link.Parent)));
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Keys_in_whatever_circles_end_in_a_fault_or_in_none_but_they_end()
    {
        var keys = Gen.Choose(0, 5).Two().ListOf();
        Prop.ForAll(
                keys.ToArbitrary(),
                drawn =>
                {
                    var graph = Of(
                        [Person("lab.t0"), .. Enumerable.Range(1, 5).Select(n => Table($"lab.t{n}", Personal("text")))],
                        [
                            .. drawn
                                .Distinct()
                                .Select(link => new ForeignKey($"lab.t{link.Item1}", $"t{link.Item2}_id", $"lab.t{link.Item2}", "id")),
                        ]
                    );
                    graph.Reaches("lab.t0").ShouldBeTrue();
                }
            )
            .QuickCheckThrowOnFailure();
    }

    private static SubjectGraph Of(IReadOnlyList<TableMap> tables, params ForeignKey[] keys) =>
        SubjectGraph.Of(
            new DataMap(tables, new Dictionary<string, string>(StringComparer.Ordinal)),
            keys,
            tables.Select(table => table.Table).ToHashSet(StringComparer.Ordinal)
        );

    private static TableMap Person(string name) =>
        Table(name, new ColumnMap("email", "Email", DataClass.Personal, Category.Email, Identifies: true));

    private static TableMap Table(string name, params ColumnMap[] columns) =>
        new(name, typeof(object), "", "", [Operational("id"), .. columns]);

    private static ColumnMap Operational(string name) => new(name, name, DataClass.Operational, null, Identifies: false);

    private static ColumnMap Personal(string name) => new(name, name, DataClass.Personal, Category.Content, Identifies: false);
}
