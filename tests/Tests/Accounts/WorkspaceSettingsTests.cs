using System.Net;
using System.Net.Http.Json;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class WorkspaceSettingsTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_renames_the_workspace_and_no_other()
    {
        var (own, other) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var admin = await _host.SignInAsync(own, Access.Admin);
        var stranger = await _host.SignInAsync(other, Access.Viewer);

        (await SaveAsync(admin, "Nordic Tents", "de")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await ReadAsync(admin)).ShouldBe(new WorkspaceSettings("Nordic Tents", "de"));
        (await ReadAsync(stranger)).ShouldBe(new WorkspaceSettings("Test shop", "en"));
        (await SaveAsync(stranger, "Mine", "en")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("", "en", "name")]
    [InlineData("Shop", "xx", "language")]
    public async Task What_cannot_be_set_is_refused_naming_the_field(string name, string language, string field)
    {
        var owner = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Owner);

        using var refused = await SaveAsync(owner, name, language);

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain($"\"{field}\":[");
    }

    private Task<WorkspaceSettings?> ReadAsync(HttpClient client) => client.GetFromJsonAsync<WorkspaceSettings>("/api/workspace", _ct);

    private Task<HttpResponseMessage> SaveAsync(HttpClient client, string name, string language) =>
        client.PutAsJsonAsync("/api/workspace", new { name, language }, _ct);
}
