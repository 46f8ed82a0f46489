using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Telemetry;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Telemetry;

public sealed class RedactorTests
{
    private const string Secret = "planted-51ab";
    private static readonly Contact Ann = new()
    {
        Id = Guid.Empty,
        Name = Secret,
        Email = Secret + "@example.com",
        Note = [1, 2, 3],
        State = "open",
        Friend = new Contact { Id = Guid.Empty, Name = Secret },
        Unclassified = Secret,
    };

    public static TheoryData<object?> Hiding =>
        [
            Ann,
            new List<Contact> { Ann, Ann },
            new[] { Ann },
            new Dictionary<string, Contact> { [Secret] = Ann },
            new { Who = Ann, Text = Secret },
            (Ann, Secret),
            new Wrapping(Ann, [Secret]),
            new Lazily(() => Secret),
            new InvalidOperationException(Secret, new IOException(Secret)),
            new AggregateException(new InvalidOperationException(Secret)),
            new Uri("https://shop.test/" + Secret),
            new List<object> { new List<object> { Ann } },
            new Queue<string>([Secret]),
            new KeyValuePair<string, string>(Secret, Secret),
            new HashSet<string> { Secret },
            System.Text.Encoding.UTF8.GetBytes(Secret),
        ];

    [Theory]
    [MemberData(nameof(Hiding))]
    public void Content_is_hidden_wherever_it_stands(object? value)
    {
        Convert.ToString(Redactor.Own(value), CultureInfo.InvariantCulture).ShouldNotBeNull().ShouldNotContain(Secret);
        Convert.ToString(Redactor.Foreign(value), CultureInfo.InvariantCulture).ShouldNotBeNull().ShouldNotContain(Secret);
    }

    [Fact]
    public void What_is_classified_is_named_by_its_category_and_what_is_operational_stays()
    {
        var shown = Redactor.Own(Ann).ShouldBeOfType<string>();
        shown.ShouldContain("Name = [user.name]");
        shown.ShouldContain("Email = [user.contact.email]");
        shown.ShouldContain("Note = [user.content.notes]");
        shown.ShouldContain("State = open");
        shown.ShouldContain(Guid.Empty.ToString());
    }

    [Fact]
    public void Every_classified_property_of_every_record_is_hidden()
    {
        var records = Guards.Product.Types.Where(type => type.IsDefined(typeof(RecordAttribute), false)).ToList();
        records.Count.ShouldBeGreaterThan(20);
        foreach (var type in records)
        {
            var shown = (string)Redactor.Own(System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type))!;
            foreach (var column in Records.Read(type).Columns.Where(column => column.Class != DataClass.Operational))
            {
                shown.ShouldContain($"{column.Property} = [{column.Category}]");
            }
        }
    }

    [Fact]
    public void An_object_that_holds_itself_comes_to_an_end()
    {
        var ring = new Contact { Id = Guid.Empty };
        ring.Friend = ring;
        ((string)Redactor.Own(ring)!).Length.ShouldBeLessThan(10_000);
    }

    [Theory]
    [InlineData("write to ann@example.com now", "write to [email] now")]
    [InlineData("GET https://ann:pw@shop.test/orders/7?token=abc failed", "GET https://shop.test/… failed")]
    [InlineData("Host=db;Username=x;Password=abc;Database=y", "Host=db;Username=x;Password=[secret];Database=y")]
    [InlineData("Authorization: Bearer abc.def", "Authorization: Bearer [secret]")]
    [InlineData("Listening on http://127.0.0.1:8080", "Listening on http://127.0.0.1:8080")]
    [InlineData("Applied schema 0001_kernel", "Applied schema 0001_kernel")]
    public void A_text_is_gone_over_for_what_looks_like_a_secret_or_a_person(string text, string clean) =>
        TextScrub.Scrub(text).ShouldBe(clean);

    [Fact]
    public void Messages_of_libraries_lose_their_texts_and_keep_numbers_and_kinds()
    {
        var (logger, logs) = Pipeline("Npgsql.Command");
        logger.LogWarning(
            new PostgresException(Secret, "ERROR", "ERROR", "22P02", detail: Secret),
            "Failed {Sql} after {Milliseconds:0.0} ms {{kept}} {Missing}",
            Secret,
            12.34,
            null
        );
        logger.LogWarning("Calling {Url}", new Uri("https://shop.test/" + Secret));
        using (logger.BeginScope(Secret))
        using (logger.BeginScope(new Dictionary<string, object> { ["RequestPath"] = Secret }))
        {
            logger.LogWarning("In a scope");
        }

        logs.Lines.ShouldAllBe(line => !line.Contains(Secret));
        logs.Lines.First().ShouldContain("Failed [text] after 12.3 ms {kept} (null)");
        logs.Lines.First().ShouldContain("22P02");
    }

    [Fact]
    public void Lines_of_Tenets_own_keep_the_texts_that_the_code_chose()
    {
        var (logger, logs) = Pipeline("Tenet.Kernel.Jobs.JobWorker");
        logger.LogWarning("Job {Kind} of {Contact} failed with {Error}", "knowledge.crawl", Ann, "TimeoutException");

        var line = logs.Lines.ShouldHaveSingleItem();
        line.ShouldContain("Job knowledge.crawl of Contact {");
        line.ShouldContain("failed with TimeoutException");
        line.ShouldNotContain(Secret);
    }

    private static (ILogger Logger, CapturedLogs Logs) Pipeline(string category)
    {
        var logs = new CapturedLogs();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(logs));
        services.AddTelemetry(new TelemetryOptions(), isServing: false);
        return (services.BuildServiceProvider().GetRequiredService<ILoggerFactory>().CreateLogger(category), logs);
    }

    private sealed class Contact
    {
        [Operational]
        public Guid Id { get; init; }

        [Personal(Category.Name)]
        public string? Name { get; init; }

        [Personal(Category.Email), Identifies]
        public string? Email { get; init; }

        [Sealed(Category.Notes)]
        public byte[]? Note { get; init; }

        [Operational]
        public string State { get; init; } = "new";

        public Contact? Friend { get; set; }
        public string? Unclassified { get; init; }
    }

    private sealed record Wrapping(Contact Inner, IReadOnlyList<string> Texts);

    private sealed class Lazily(Func<string> text)
    {
        public string Text => throw new InvalidOperationException(text());
    }
}
