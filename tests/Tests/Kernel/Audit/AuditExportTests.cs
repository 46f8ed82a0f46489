using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class AuditExportTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_exported_trail_proves_every_entry_without_a_database()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAsync(1100);

        var report = await VerifyAsync(lab, await ExportAsync(lab));

        report.Findings.ShouldBeEmpty();
        // The export is itself an entry.
        (report.Proven, report.Unproven, report.Complete, report.Checkpoint!.Size).ShouldBe((1101, 0, true, 1101));
        (report.TrustsItself, report.Workspace).ShouldBe((false, lab.Id));
    }

    [Fact]
    public async Task One_entry_is_a_proof_file_of_its_own()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(300);
        var entry = (await lab.ReadAsync()).Rows[270].Entry!.Id;

        var file = await ExportAsync(lab, new AuditFilter { EntryId = entry });

        var report = await VerifyAsync(lab, file);
        (report.Findings.Count, report.Proven, report.Complete).ShouldBe((0, 1, false));
        // Without a key from elsewhere the file vouches for itself only, and the report says so.
        (await AuditFile.VerifyAsync(new StringReader(file), null, _ct)).TrustsItself.ShouldBeTrue();
    }

    [Fact]
    public async Task No_changed_character_of_a_proof_file_goes_unseen()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(40);
        var entry = (await lab.ReadAsync()).Rows[7].Entry!.Id;
        var file = await ExportAsync(lab, new AuditFilter { EntryId = entry });
        var original = await VerifyAsync(lab, file);
        var line = file.Split('\n')[1];
        var random = new Random(7);
        var key = (await lab.KeyAsync()).ToString();
        for (var n = 0; n < 2000; n++)
        {
            var at = file.IndexOf(line, StringComparison.Ordinal) + random.Next(line.Length);
            var changed = file[..at] + (char)random.Next(32, 126) + file[(at + 1)..];
            if (changed == file)
            {
                continue;
            }
            var report = await AuditFile.VerifyAsync(new StringReader(changed), key, _ct);
            // Capital hexadecimal digits and the like say the same: what is proven must be the entry that was exported.
            (report.Findings.Count > 0 || report.Proven == 0 || SaysTheSame(changed.Split('\n')[1], line)).ShouldBeTrue(changed);
        }
        original.Findings.ShouldBeEmpty();
    }

    private static bool SaysTheSame(string one, string other)
    {
        var (a, b) = (Read(one), Read(other));
        return a.Position == b.Position
            && a.Details == b.Details
            && AuditChain.Leaf(default, a.ToEntry()).AsSpan().SequenceEqual(AuditChain.Leaf(default, b.ToEntry()));

        static AuditFileEntry Read(string line) => JsonSerializer.Deserialize<AuditFileEntry>(line, AuditFile.Json)!;
    }

    [Fact]
    public async Task A_file_that_was_cut_off_or_put_together_is_found()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        var other = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(20);
        await other.WriteAndPublishAsync(20);
        var lines = (await ExportAsync(lab)).Split('\n');
        var foreign = (await ExportAsync(other)).Split('\n');

        (await VerifyAsync(lab, string.Join('\n', lines[..^2]))).Findings.ShouldHaveSingleItem().ShouldContain("cut off");
        (await VerifyAsync(lab, string.Join('\n', [.. lines[..5], .. lines[6..]]))).Complete.ShouldBeFalse();
        (await VerifyAsync(lab, string.Join('\n', [.. lines[..5], foreign[5], .. lines[6..]]))).Findings.ShouldHaveSingleItem();
        (await VerifyAsync(lab, string.Join('\n', foreign))).Findings.ShouldContain(text =>
            text.Contains("another workspace", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData(
        "{\"tenet\":\"audit/9\",\"workspace\":\"00000000-0000-0000-0000-000000000000\",\"exportedAt\":\"2026-01-01T00:00:00Z\",\"whole\":true,\"checkpoint\":null,\"key\":\"x\"}"
    )]
    public async Task What_is_no_exported_trail_is_refused(string text) =>
        await Should.ThrowAsync<FormatException>(() => AuditFile.VerifyAsync(new StringReader(text), null, _ct));

    [Fact]
    public async Task An_endless_line_is_refused_and_not_read_into_memory() =>
        await Should.ThrowAsync<FormatException>(() => AuditFile.VerifyAsync(new StringReader(new string('a', 2_000_000)), null, _ct));

    [Fact]
    public async Task It_is_streamed_over_HTTP_with_its_filter_and_for_admins_only()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var lab = new AuditLab(_host, workspace, _ct);
        await lab.WriteAsync(30, "test.done");
        await lab.WriteAsync(20, "test.undone");
        using var admin = await _host.SignInAsync(workspace, Access.Admin);
        using var agent = await _host.SignInAsync(workspace, Access.Agent);

        var csv = await admin.GetAsync("/api/audit/export?format=csv&action=test.undone", _ct);
        var jsonl = await admin.GetStringAsync("/api/audit/export", _ct);

        (await agent.GetAsync("/api/audit/export", _ct)).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        csv.Content.Headers.ContentDisposition!.FileName.ShouldEndWith(".csv");
        var lines = (await csv.Content.ReadAsStringAsync(_ct)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(21);
        lines[1].ShouldContain(",member,");
        lines[1].ShouldContain("\"{\"\"n\"\":");
        (await VerifyAsync(lab, jsonl)).Findings.ShouldBeEmpty();
        (await lab.ReadAsync()).Rows.Select(row => row.Entry!.Action).ShouldContain("audit.exported");
    }

    [Fact]
    public async Task Another_workspace_is_in_no_export()
    {
        var (ours, theirs) = (await AuditLab.OpenAsync(_host, _ct), await AuditLab.OpenAsync(_host, _ct));
        await ours.WriteAndPublishAsync(5);
        await theirs.WriteAndPublishAsync(5);
        var foreign = (await theirs.ReadAsync()).Rows[0].Entry!.Id;

        (await ExportAsync(ours, new AuditFilter { EntryId = foreign })).Split('\n').Length.ShouldBe(3);
    }

    private async Task<string> ExportAsync(AuditLab lab, AuditFilter? filter = null)
    {
        using var output = new MemoryStream();
        await _host
            .Services.GetRequiredService<AuditExport>()
            .WriteAsync(lab.Id, Actor.Operator, filter ?? new AuditFilter(), AuditExportFormat.JsonLines, output, _ct);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private async Task<AuditFileReport> VerifyAsync(AuditLab lab, string file) =>
        await AuditFile.VerifyAsync(new StringReader(file), (await lab.KeyAsync()).ToString(), _ct);
}
