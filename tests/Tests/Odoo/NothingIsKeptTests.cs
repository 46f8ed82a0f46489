using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Telemetry;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>
/// A thousand turns, good ones, proposals and failures; then every row of every table (the queue's among them), logs, traces, metrics, error reports, the
/// files beside the key and new temporary files are searched for what was said.
/// </summary>
public sealed partial class NothingIsKeptTests(TestCluster cluster)
{
    private const int Turns = 1000;
    private static int _replies;
    private static readonly OdooMood[] Moods =
    [
        OdooMood.Maintenance,
        OdooMood.HtmlPage,
        OdooMood.NoJson,
        OdooMood.Gone,
        OdooMood.ErrorWith200,
        OdooMood.Cut,
    ];

    [Fact]
    public async Task What_was_said_and_read_in_a_thousand_turns_is_in_the_customers_Odoo_and_nowhere_here()
    {
        var ct = TestContext.Current.CancellationToken;
        using var logs = new CapturedLogs();
        await using var sinks = await TelemetrySinks.StartAsync();
        var begun = DateTime.UtcNow;
        await using var host = await cluster.StartHostAsync(builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
            builder.Services.AddSingleton<ILoggerProvider>(logs);
            builder.Services.AddTelemetry(sinks.Options, isServing: true);
        });
        var planted = new PlantedSecrets();
        await using var odoo = await FakeOdoo.StartAsync();
        odoo.Tools["search_records"] = (_, _) => Rows(planted);
        odoo.Tools["update_record"] = (_, asked) => Written(planted, asked);
        await using var sick = await FakeOdoo.StartAsync();
        sick.CutAfter = 200;
        sick.Tools["search_records"] = (_, _) => Rows(planted);
        using var tenant = await OdooTenant.ConnectAsync(host, odoo);
        using var ill = await OdooTenant.ConnectAsync(host, sick);
        await using var model = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("."));
        await using var other = await host.UseModelAsync(
            ill.Workspace,
            FakeReply.Call("search_records", """{"model":"res.partner","domain":[]}""")
        );
        model.Records = other.Records = false;
        model.Choose = request => Reply(request, planted);
        var (grant, illGrant) = (await tenant.GrantAsync(7), await ill.GrantAsync(8));

        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var n = 0; n < Turns; n++)
        {
            sick.Mood = Moods[n % Moods.Length];
            var turn =
                n % 5 == 4
                    ? await ill.AskAsync(8, illGrant.Sid, "What of " + planted.Next() + "?", ct: ct)
                    : await tenant.AskAsync(7, grant.Sid, "Find " + planted.Next() + " please", ct: ct);
            var state = turn.Last == "done" ? turn.LastData["state"]!.GetValue<string>() : turn.LastData["code"]!.GetValue<string>();
            states[state] = states.GetValueOrDefault(state) + 1;
            foreach (var card in turn.All("approval"))
            {
                var outcome = await DecideAsync(tenant, grant.Sid, card, n);
                states[outcome] = states.GetValueOrDefault(outcome) + 1;
            }
        }

        states.Keys.Count().ShouldBeGreaterThan(4, string.Join(", ", states));
        states["answered"].ShouldBeGreaterThan(150);
        new[] { "done", "declined", "conflict", "failed" }.ShouldBeSubsetOf(states.Keys);
        planted.Used.ShouldBe(PlantedSecrets.Count);
        odoo.Messages.Count.ShouldBe(Turns * 2 - Turns / 5 * 2);
        (await RowsAsync(host.AdminConnectionString, ct)).ShouldBeEmpty();
        PlantedSecrets.In(logs.Lines).ShouldBeEmpty();
        logs.Lines.ShouldNotBeEmpty();
        host.Services.GetRequiredService<OtlpExport>().Flush(TimeSpan.FromSeconds(30));
        sinks.Traces.ShouldContain(body => body.Contains("api/copilot/turns", StringComparison.Ordinal));
        PlantedSecrets.In([.. sinks.Traces, .. sinks.Metrics, .. sinks.Reports, .. sinks.LogLines]).ShouldBeEmpty();
        PlantedSecrets.In(NewFiles(begun)).ShouldBeEmpty();
        PlantedSecrets
            .In(
                Directory
                    .EnumerateFiles(Path.GetDirectoryName(cluster.MasterKeyFile)!, "*", SearchOption.AllDirectories)
                    .Select(File.ReadAllText)
            )
            .ShouldBeEmpty();
    }

    private static FakeReply Reply(FakeRequest request, PlantedSecrets planted)
    {
        if (!request.Body.Contains("\"role\":\"tool\"", StringComparison.Ordinal))
        {
            return FakeReply.Call("search_records", $$"""{"model":"res.partner","domain":[["name","ilike","{{planted.Mark()}}"]]}""");
        }
        return (Interlocked.Increment(ref _replies) % 11) switch
        {
            0 => FakeReply.Error(500),
            1 => FakeReply.Error(429),
            2 => FakeReply.Call(planted.Mark(), "{}"),
            4 or 5 when !request.Body.Contains("waiting", StringComparison.Ordinal) => FakeReply.Call(
                "update_record",
                $$$"""{"model":"res.partner","ids":[3],"values":{"name":"{{{planted.Mark()}}}"}}"""
            ),
            3 => FakeReply.Text("It is ", planted.Mark(), " [1]."),
            6 => FakeReply.Text("It is ", planted.Mark()) with { Ending = FakeEnding.Abort },
            7 => FakeReply.Call("update_record", $$"""{"model":"res.partner","ids":[3],"values":{"name":"{{planted.Mark()}}""") with
            {
                Ending = FakeEnding.EndEarly,
            },
            _ => FakeReply.Text("It is ", Mark().Matches(request.Body)[^1].Value, " [1]."),
        };
    }

    [GeneratedRegex(@"q7x\d{4}zw", RegexOptions.None, 1000)]
    private static partial Regex Mark();

    /// <summary>Approves three of four: done, refused, or changed meanwhile.</summary>
    private static async Task<string> DecideAsync(OdooTenant tenant, string grant, JsonNode card, int n)
    {
        var body = new
        {
            decision = n % 4 == 0 ? "decline" : "approve",
            hash = card["hash"]!.GetValue<string>(),
            ticket = card["ticket"]!.GetValue<string>(),
        };
        using var answer = await tenant.SendAsync(HttpMethod.Post, $"/api/copilot/approvals/{card["id"]}", tenant.Token(7, grant), body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["state"]!.GetValue<string>();
    }

    private static JsonObject Written(PlantedSecrets planted, JsonNode asked)
    {
        var preview = new JsonObject
        {
            ["model"] = "res.partner",
            ["ids"] = new JsonArray(3),
            ["record"] = planted.Next(),
            ["changes"] = new JsonArray(
                new JsonObject
                {
                    ["field"] = "name",
                    ["label"] = planted.Next(),
                    ["before"] = planted.Next(),
                    ["after"] = asked["values"]!["name"]!.DeepClone(),
                }
            ),
            ["expect"] = new JsonObject { ["fingerprint"] = planted.Next() },
        };
        if (asked["mode"]!.GetValue<string>() == "preview")
        {
            return preview;
        }
        return (Interlocked.Increment(ref _replies) % 3) switch
        {
            0 => new JsonObject { ["error"] = "access", ["detail"] = planted.Next() },
            1 => new JsonObject
            {
                ["error"] = "conflict",
                ["detail"] = planted.Next(),
                ["preview"] = preview,
            },
            _ => preview,
        };
    }

    /// <summary>What was written into the folder for temporary files meanwhile, by whomever. Pipes and sockets have no length, and reading one may never end.</summary>
    private static IEnumerable<string> NewFiles(DateTime since) =>
        new DirectoryInfo(Path.GetTempPath())
            .EnumerateFiles("*", new EnumerationOptions { IgnoreInaccessible = true })
            .Where(file => file.LastWriteTimeUtc >= since && file.Length is > 0 and < 20_000_000)
            .Select(file =>
            {
                try
                {
                    return File.ReadAllText(file.FullName);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Gone again, or another's.
                    return "";
                }
            });

    private static JsonObject Rows(PlantedSecrets planted) =>
        new()
        {
            ["model"] = "res.partner",
            ["rows"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = 3,
                    ["name"] = planted.Next(),
                    ["email"] = planted.Next(),
                }
            ),
            ["total"] = 1,
            ["restricted"] = false,
        };

    /// <summary>Every row of every table as text; bytes stand in it as hexadecimal digits.</summary>
    private static async Task<IReadOnlyList<string>> RowsAsync(string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(ct);
        var tables = new List<string>();
        await using (
            var command = new NpgsqlCommand(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
                connection
            )
        )
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                tables.Add(reader.GetString(0));
            }
        }
        tables.Count.ShouldBeGreaterThan(30);
        var found = new List<string>();
        var hex = Convert.ToHexStringLower(Encoding.ASCII.GetBytes("q7x"));
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand(
                $"select count(*) from {table} t where t::text ~* 'q7x[0-9]{{4}}zw' or t::text ~ '{hex}3[0-9]3[0-9]3[0-9]3[0-9]7a77'",
                connection
            );
            if (await command.ExecuteScalarAsync(ct) is long and > 0)
            {
                found.Add(table);
            }
        }
        return found;
    }
}
