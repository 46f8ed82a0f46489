using System.Text;
using Npgsql;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Commands;

/// <summary>What an operator types: a bad file is refused with the place of its fault, and what was in force stays so.</summary>
public sealed class PolicyCommandTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Head = "policy: shop\nversion: \"2\"\nextends: house\neffective: 2026-01-01\nnotice: 30 days\npromises:\n";
    private const string Audit = "  - id: shop.1\n    says: The log goes.\n    claim: retention\n    of: audit.log\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-policy-");
    private string _database = "";
    private TenetProcess _tenet = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        _tenet = new TenetProcess(_database, cluster.MasterKeyFile);
        var first = Head.Replace("\"2\"", "\"1\"", StringComparison.Ordinal) + Audit + "    keep: 300 days\n";
        await PublishAsync(Encoding.UTF8.GetBytes(first), 0);
    }

    public static TheoryData<string, string, string> Bad =>
        new()
        {
            { "unknown keys", Head + Audit + "    keep: 300 days\n    colour: blue\n", "shop.yaml:12: shop.1: *colour*" },
            { "a wrong length of time", Head + Audit + "    keep: 300 dys\n", "shop.yaml:11: shop.1: *a length of time such as 90 days*" },
            {
                "an id twice",
                Head + Audit + "    keep: 300 days\n  - id: shop.1\n    says: Again.\n    claim: isolation\n",
                "shop.yaml:12: shop.1: *"
            },
            {
                "contradicting retention",
                Head
                    + Audit
                    + "    keep: 300 days\n  - id: shop.2\n    says: Or later.\n    claim: retention\n    of: audit.log\n    keep: 200 days\n",
                "shop.yaml:12: shop.2: *audit.log*"
            },
            { "a circle", Head.Replace("house", "circle", StringComparison.Ordinal) + Audit + "    keep: 300 days\n", "*circle*" },
            {
                "100,000 promises",
                Head + string.Concat(Enumerable.Range(1, 100_000).Select(n => $"  - id: shop.{n}\n    says: One.\n    claim: isolation\n")),
                "*1,000,000 bytes*"
            },
            {
                "1,001 promises",
                Head + string.Concat(Enumerable.Range(1, 1_001).Select(n => $"  - id: shop.{n}\n    says: One.\n    claim: isolation\n")),
                "*1,000 promises*"
            },
            { "an unknown kind", Head + "  - id: shop.1\n    says: Magic.\n    claim: magic\n", "shop.yaml:9: shop.1: *magic*" },
            { "what cannot be kept", Head + Audit + "    keep: 1 day\n", "*shop.1*audit.log cannot be kept for less than*" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_file_is_refused_with_the_place_of_its_fault_and_the_old_version_stays(string what, string text, string says)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "circle.yaml"),
            "policy: circle\nversion: \"1\"\nextends: shop\neffective: 2026-01-01\nnotice: 1 day\npromises: []\n"
        );

        var output = await PublishAsync(Encoding.UTF8.GetBytes(text), 1);

        var parts = says.Split('*', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            output.ShouldContain(part, Case.Sensitive, what);
        }
        (await InForceAsync()).ShouldBe(["1"], what);
    }

    [Fact]
    public async Task A_file_that_is_not_UTF_8_is_refused_and_the_old_version_stays()
    {
        var output = await PublishAsync([.. Encoding.UTF8.GetBytes(Head), 0xff, 0xfe, 0x0a], 1);

        output.ShouldContain("UTF-8");
        (await InForceAsync()).ShouldBe(["1"]);
    }

    private async Task<string> PublishAsync(byte[] bytes, int exitCode)
    {
        var path = Path.Combine(_folder.FullName, "shop.yaml");
        await File.WriteAllBytesAsync(path, bytes);
        var (code, output) = await _tenet.RunAsync("policy", "publish", path);
        code.ShouldBe(exitCode, output);
        return output;
    }

    private async Task<List<string>> InForceAsync()
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select version from kernel.policy_version where name = 'shop'", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var versions = new List<string>();
        while (await rows.ReadAsync())
        {
            versions.Add(rows.GetString(0));
        }
        return versions;
    }

    public async ValueTask DisposeAsync()
    {
        await _tenet.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
