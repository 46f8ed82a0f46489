using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Tenet.Tests.Knowledge;

/// <summary>What a member does with sources, over HTTP.</summary>
internal static class KnowledgeSteps
{
    public static async Task<Guid> AddSiteAsync(this HttpClient member, string url, object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["url"] = url;
        var answer = await member.PostAsJsonAsync("/api/knowledge/sources", body);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>Waits until the crawl has ended.</summary>
    public static async Task<JsonElement> CrawledAsync(this HttpClient member, Guid source, CancellationToken ct)
    {
        while (true)
        {
            var view = await member.GetFromJsonAsync<JsonElement>($"/api/knowledge/sources/{source}", ct);
            if (view.GetProperty("state").GetString() is "ready" or "failed")
            {
                return view;
            }
            await Task.Delay(50, ct);
        }
    }

    /// <summary>Path → "status" or "status: reason".</summary>
    public static async Task<Dictionary<string, string>> PagesAsync(this HttpClient member, Guid source)
    {
        var list = await member.GetFromJsonAsync<JsonElement>($"/api/knowledge/sources/{source}/pages?limit=200");
        return list.GetProperty("items")
            .EnumerateArray()
            .ToDictionary(
                p => new Uri(p.GetProperty("url").GetString()!).PathAndQuery,
                p => p.GetProperty("status").GetString() + (p.GetProperty("reason").GetString() is { } reason ? ": " + reason : ""),
                StringComparer.Ordinal
            );
    }

    public static async Task<List<JsonElement>> FindAsync(this HttpClient member, string question)
    {
        var answer = await member.PostAsJsonAsync("/api/knowledge/search", new { question });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray()];
    }
}
